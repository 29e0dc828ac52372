// What may be done with a place of the hierarchy: adding, renaming, moving, removing; a refusal says what hangs on it.
import { Button, Modal, NativeSelect, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Refusal } from '../../parts/refusal.tsx';
import { useChange } from '../../queries/calls.ts';
import type { Levels } from '../../queries/configs.ts';
import { useWords } from '../../words/words.ts';
import type { Place } from './place-tree.ts';

type Level = Place['level'];

/** What somebody is about to do. */
export type Deed =
  | { verb: 'add'; level: Level; above: number | null }
  | { verb: 'rename' | 'move' | 'remove'; place: Place };

interface DialogProps {
  deed: Deed | null;
  levels: Levels;
  /** Whether places at the top may be made. */
  mayTop: boolean;
  onClose(): void;
}

export function PlaceDialog({ deed, levels, mayTop, onClose }: DialogProps): ReactNode {
  const { app, edit } = useWords();
  return (
    <Modal
      opened={deed !== null}
      onClose={onClose}
      title={deed === null ? '' : titleOf(deed, edit.places)}
      closeButtonProps={{ 'aria-label': app.close }}
    >
      {deed === null ? null : <Body key={JSON.stringify(deed)} {...{ deed, levels, mayTop, onClose }} />}
    </Modal>
  );
}

function titleOf(deed: Deed, places: ReturnType<typeof useWords>['edit']['places']): string {
  if (deed.verb === 'add') return places.addTitle[deed.level];
  const title = { rename: places.renameTitle, move: places.moveTitle, remove: places.removeTitle }[deed.verb];
  return title(deed.place.name);
}

const paths: Record<Level, string> = { concept: '/concepts', company: '/companies', site: '/sites' };
const fields = { company: 'concept_id', site: 'company_id' } as const;

function Body({ deed, ...of }: DialogProps & { deed: Deed }): ReactNode {
  if (deed.verb === 'add') return <Add deed={deed} {...of} />;
  if (deed.verb === 'rename') return <Rename place={deed.place} onClose={of.onClose} />;
  if (deed.verb === 'move') return <Move place={deed.place} {...of} />;
  return <Remove place={deed.place} onClose={of.onClose} />;
}

interface FormProps {
  button: string;
  call: { path: string; method: 'POST' | 'PATCH' | 'DELETE'; body?: unknown };
  onClose(): void;
  isDanger?: boolean;
  children: ReactNode;
}

function DeedForm({ button, call, onClose, isDanger = false, children }: FormProps): ReactNode {
  const change = useChange();
  const run = () => change.mutate(call, { onSuccess: onClose });
  const send = (event: FormEvent) => {
    event.preventDefault();
    run();
  };
  return (
    <>
      <form className="form" onSubmit={send}>
        {children}
        <Button type="submit" loading={change.isPending} {...(isDanger ? { className: 'danger-fill' } : {})}>
          {button}
        </Button>
      </form>
      <Refusal error={change.error} onProved={run} />
    </>
  );
}

type AddProps = Omit<DialogProps, 'deed'> & { deed: Extract<Deed, { verb: 'add' }> };

function Add({ deed: { level, above }, levels, mayTop, onClose }: AddProps): ReactNode {
  const { places } = useWords().edit;
  const [name, setName] = useState('');
  const [upper, setUpper] = useState<number | null>(above ?? (mayTop ? null : firstAbove(level, levels)));
  const body = { name, ...(level === 'concept' || upper === null ? {} : { [fields[level]]: upper }) };
  return (
    <DeedForm button={places.add} call={{ path: paths[level], method: 'POST', body }} onClose={onClose}>
      <TextInput
        data-autofocus
        label={places.name}
        required
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Above level={level} levels={levels} mayTop={mayTop} value={upper} onChange={setUpper} />
    </DeedForm>
  );
}

function firstAbove(level: Level, levels: Levels): number | null {
  const [first] = uppersOf(level, levels);
  return first?.id ?? null;
}

function uppersOf(level: Level, { concepts, companies }: Levels): readonly { id: number; name: string }[] {
  if (level === 'concept') return [];
  return level === 'company' ? concepts : companies;
}

interface AboveProps {
  level: Level;
  levels: Levels;
  mayTop: boolean;
  value: number | null;
  onChange(id: number | null): void;
}

function Above({ level, levels, mayTop, value, onChange }: AboveProps): ReactNode {
  const { places } = useWords().edit;
  const uppers = uppersOf(level, levels);
  if (level === 'concept' || uppers.length === 0) return null;
  return (
    <NativeSelect
      label={places.above[level]}
      value={value === null ? '' : String(value)}
      data={[
        ...(mayTop ? [{ value: '', label: places.noneAbove }] : []),
        ...uppers.map(({ id, name }) => ({ value: String(id), label: name })),
      ]}
      onChange={({ currentTarget }) => onChange(currentTarget.value === '' ? null : Number(currentTarget.value))}
    />
  );
}

interface OfPlace {
  place: Place;
  onClose(): void;
}

function Rename({ place, onClose }: OfPlace): ReactNode {
  const { places } = useWords().edit;
  const [name, setName] = useState(place.name);
  const call = { path: `${paths[place.level]}/${place.id}`, method: 'PATCH', body: { name } } as const;
  return (
    <DeedForm button={places.renameGo} call={call} onClose={onClose}>
      <TextInput
        data-autofocus
        label={places.name}
        required
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
    </DeedForm>
  );
}

function Move({ place, levels, mayTop, onClose }: OfPlace & Omit<DialogProps, 'deed'>): ReactNode {
  const { places } = useWords().edit;
  const [upper, setUpper] = useState(place.above);
  const { level } = place;
  const body = level === 'concept' ? {} : { [fields[level]]: upper };
  return (
    <DeedForm
      button={places.moveGo}
      call={{ path: `${paths[level]}/${place.id}`, method: 'PATCH', body }}
      onClose={onClose}
    >
      <p>{places.moveText}</p>
      <Above level={level} levels={levels} mayTop={mayTop} value={upper} onChange={setUpper} />
    </DeedForm>
  );
}

function Remove({ place, onClose }: OfPlace): ReactNode {
  const { places } = useWords().edit;
  const call = { path: `${paths[place.level]}/${place.id}`, method: 'DELETE' } as const;
  return (
    <DeedForm button={places.removeGo} call={call} onClose={onClose} isDanger>
      <p>{places.removeText}</p>
    </DeedForm>
  );
}
