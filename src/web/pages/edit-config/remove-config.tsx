// Deleting an integration: what becomes of its items is said first, and its name is typed.
import { Button, Modal, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { ShownConfig, Source } from '../../api-types.ts';
import { callApi } from '../../call-api.ts';
import { Refusal } from '../../parts/refusal.tsx';
import { toast } from '../../parts/toasts.tsx';
import { useConfigs, useSources } from '../../queries/configs.ts';
import { kinds } from '../../words/result.ts';
import { useWords } from '../../words/words.ts';
import { Ways } from './form-parts.tsx';

type Fate = 'keep' | 'retire' | 'delete';

export function RemoveConfig({ config, onRemoved }: { config: ShownConfig; onRemoved(): void }): ReactNode {
  const { remove } = useWords().edit.settings;
  const { app } = useWords();
  const [isOpen, setOpen] = useState(false);
  const sources = useSources();
  const source = sources.data?.find(({ id }) => id === config.source_id);
  return (
    <div className="section">
      <Button variant="default" className="danger" onClick={() => setOpen(true)}>
        {remove.button}
      </Button>
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        title={remove.title(config.name)}
        closeButtonProps={{ 'aria-label': app.close }}
      >
        <Form config={config} source={source} onRemoved={onRemoved} />
      </Modal>
    </div>
  );
}

interface FormProps {
  config: ShownConfig;
  source: Source | undefined;
  onRemoved(): void;
}

function Form({ config, source, onRemoved }: FormProps): ReactNode {
  const { remove } = useWords().edit.settings;
  const [fate, setFate] = useState<Fate>('keep');
  const [typed, setTyped] = useState('');
  const below = useBelow(config);
  const navigate = useNavigate();
  const isRight = typed.trim() === config.name.trim();
  // A source is taken out of use only while no active config reads it.
  const first = fate === 'keep' || !config.is_active ? [] : [() => switchOff(config.id)];
  const last = () => callApi(`/configs/${config.id}`, undefined, { method: 'DELETE' });
  const work = useSteps([...first, ...fateOf(fate, source), last], () => {
    onRemoved();
    toast('green', remove.done(config.name));
    void navigate({ to: '/integrations' });
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (isRight) work.run();
  };
  return (
    <>
      <form className="form" onSubmit={send}>
        <p>
          {remove.text} {below > 0 ? remove.below(below) : null}
        </p>
        {source === undefined ? <p className="soft">{remove.noSource}</p> : <Fates {...{ source, fate, setFate }} />}
        <TextInput
          label={remove.type(config.name)}
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Button type="submit" className="danger-fill" disabled={!isRight} loading={work.isPending}>
          {remove.go}
        </Button>
      </form>
      {work.isHalf ? <p className="small">{remove.half}</p> : null}
      <Refusal error={work.error} onProved={work.run} />
    </>
  );
}

function switchOff(id: string): Promise<unknown> {
  const headers = { 'if-match': '*' };
  return callApi(`/configs/${id}`, undefined, { method: 'PATCH', body: { is_active: false }, headers });
}

function fateOf(fate: Fate, source: Source | undefined): (() => Promise<unknown>)[] {
  if (source === undefined || fate === 'keep') return [];
  if (fate === 'delete') return [() => callApi(`/sources/${source.id}`, undefined, { method: 'DELETE' })];
  return [() => callApi(`/sources/${source.id}/retire`, undefined, { method: 'POST', body: {} })];
}

/** How many integrations stand below the level of this one and are of its kind. */
function useBelow(config: ShownConfig): number {
  const configs = useConfigs();
  if (config.level === 'site') return 0;
  const key = `${config.level}_id` as const;
  return (configs.data ?? []).filter(
    (each) => each.id !== config.id && each.connector_id === config.connector_id && each[key] === config[key],
  ).length;
}

interface FatesProps {
  source: Source;
  fate: Fate;
  setFate(fate: Fate): void;
}

function Fates({ source, fate, setFate }: FatesProps): ReactNode {
  const { remove } = useWords().edit.settings;
  const items = kinds.reduce((sum, kind) => sum + source.items[kind].live, 0);
  const ways = [
    ['keep', remove.keep(items), remove.keepHelp],
    ['retire', remove.retire(items), remove.retireHelp],
    ['delete', remove.delete(items), remove.deleteHelp],
  ] as const;
  return <Ways name="fate" question={remove.question} ways={ways} chosen={fate} onChoose={setFate} />;
}

interface Steps {
  run(): void;
  isPending: boolean;
  error: Error | null;
  /** Whether some of it is done and the rest was refused. */
  isHalf: boolean;
}

/**
 * Several calls one after the other as one deed; each can be said twice, so that a second try begins at the first again.
 * Runs them, then `onDone`, and asks anew for what they changed, however far they came.
 */
function useSteps(steps: readonly (() => Promise<unknown>)[], onDone: () => void): Steps {
  const client = useQueryClient();
  const [done, setDone] = useState(0);
  const work = useMutation({
    mutationFn: async () => {
      setDone(0);
      for (const step of steps) {
        await step();
        setDone((count) => count + 1);
      }
    },
    // Before anything is asked anew: what this page shows may be gone.
    onSuccess: onDone,
    onSettled: async () => {
      for (const name of ['configs', 'sources', 'levels']) await client.invalidateQueries({ queryKey: [name] });
    },
  });
  return {
    run: () => work.mutate(),
    isPending: work.isPending,
    error: work.error,
    isHalf: work.isError && done > 0,
  };
}
