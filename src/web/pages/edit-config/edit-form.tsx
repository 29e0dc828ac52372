// The settings of one integration while they are edited: over the state that was read, saved as one change, nothing lost.
import { NativeSelect, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import type { Connector, Explanation, ShownConfig } from '../../api-types.ts';
import { callWithTag, ProblemError } from '../../call-api.ts';
import { Section } from '../../parts/page-parts.tsx';
import { toast } from '../../parts/toasts.tsx';
import { useChange } from '../../queries/calls.ts';
import { useWords } from '../../words/words.ts';
import { fieldsOf } from '../connect/fields-of.ts';
import { Conflict } from './conflict.tsx';
import {
  changedMeanwhile,
  changesIn,
  type EditGroup,
  type Edits,
  type Meanwhile,
  noEdits,
  patchOf,
  withEdit,
  withoutEdit,
} from './edits.ts';
import { Guard, Params, Secrets } from './form-parts.tsx';
import { LeaveGuard } from './leave-guard.tsx';
import { RemoveConfig } from './remove-config.tsx';
import { SavePanel } from './save-panel.tsx';
import { type Choice, useWhatIf } from './what-would-change.tsx';

/** The state of the config that the edits were made over. */
export interface AsRead {
  config: ShownConfig;
  tag: string | null;
}

interface FormProps {
  read: AsRead;
  explanation: Explanation;
  connector: Connector;
}

export function EditForm({ read, explanation, connector }: FormProps): ReactNode {
  const [state, setState] = useState<AsRead>(read);
  const [edits, setEdits] = useState<Edits>(noEdits);
  const [choice, setChoice] = useState<Choice | null>(null);
  const [meanwhile, setMeanwhile] = useState<Meanwhile[] | null>(null);
  const client = useQueryClient();
  const { config } = state;
  const fields = fieldsOf(connector);
  const patch = patchOf(config, edits, fields);
  const whatIf = useWhatIf(config, patch.params);
  const unsaved = useRef(0);
  unsaved.current = changesIn(patch);
  const edit = (group: EditGroup) => (name: string, value: string | null | undefined) => {
    setEdits((now) => withEdit(now, group, [name, value]));
    if (group === 'params') setChoice(null);
  };
  const onStale = (newest: AsRead) => {
    setMeanwhile(changedMeanwhile(config, newest.config, edits));
    setState(newest);
    void client.invalidateQueries({ queryKey: ['configs'] });
  };
  const save = useSave({ state, patch, choice, onStale, onSaved: () => (unsaved.current = 0) });
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (unsaved.current > 0) save.send();
  };
  const takeTheirs = (change: Meanwhile) => {
    setEdits((now) => withoutEdit(now, change));
    setMeanwhile((now) => (now ?? []).map((each) => (each === change ? { ...each, yours: null } : each)));
  };
  const part = { config, connector, explanation, fields, edits };
  return (
    <>
      <LeaveGuard count={() => unsaved.current} />
      {meanwhile === null ? null : <Conflict changes={meanwhile} onTakeTheirs={takeTheirs} />}
      <form className="connect edit-config" onSubmit={send}>
        <div className="settings-form">
          <General config={config} edits={edits} setEdits={setEdits} />
          <Params {...part} onEdit={edit('params')} />
          <Secrets {...part} onEdit={edit('secrets')} />
          <Guard {...part} onEdit={edit('guard')} />
        </div>
        <SavePanel
          {...{ config, patch, whatIf, choice, save }}
          onChoose={setChoice}
          onDiscard={() => {
            setEdits(noEdits);
            setChoice(null);
            setMeanwhile(null);
          }}
        />
      </form>
      <RemoveConfig config={config} onRemoved={() => (unsaved.current = 0)} />
    </>
  );
}

interface SaveOf {
  state: AsRead;
  patch: ReturnType<typeof patchOf>;
  choice: Choice | null;
  onStale(newest: AsRead): void;
  onSaved(): void;
}

function useSave({ state: { config, tag }, patch, choice, onStale, onSaved }: SaveOf) {
  const { settings } = useWords().edit;
  const navigate = useNavigate();
  const change = useChange<ShownConfig>();
  const path = `/configs/${config.id}`;
  const send = (shareSecrets = false) => {
    const body = {
      ...patch,
      ...(choice === null || patch.params === undefined ? {} : { identity_change: choice }),
      ...(shareSecrets ? { share_secrets: true } : {}),
    };
    change.mutate(
      { path, method: 'PATCH', body, headers: { 'if-match': tag ?? '*' } },
      {
        onSuccess: () => {
          onSaved();
          toast('green', settings.saved);
          void navigate({ to: '/integrations/$configId', params: { configId: config.id } });
        },
        onError: (error) => {
          if (!(error instanceof ProblemError) || error.problem.code !== 'config_version_stale') return;
          void callWithTag<ShownConfig>(path).then(({ answer, tag: newest }) =>
            onStale({ config: answer, tag: newest }),
          );
        },
      },
    );
  };
  return { send, error: change.error, isPending: change.isPending };
}

interface GeneralProps {
  config: ShownConfig;
  edits: Edits;
  setEdits(change: (now: Edits) => Edits): void;
}

function General({ config, edits, setEdits }: GeneralProps): ReactNode {
  const { settings } = useWords().edit;
  const { name = config.name, isActive = config.is_active } = edits;
  return (
    <Section title={settings.general}>
      <div className={name === config.name ? 'setting' : 'setting is-edited'}>
        <TextInput
          label={settings.name}
          required
          value={name}
          onChange={({ currentTarget: { value } }) => setEdits((now) => ({ ...now, name: value }))}
        />
      </div>
      <div className={isActive === config.is_active ? 'setting' : 'setting is-edited'}>
        <NativeSelect
          label={settings.state}
          description={settings.stateHelp}
          value={String(isActive)}
          data={[
            { value: 'true', label: settings.on },
            { value: 'false', label: settings.off },
          ]}
          onChange={({ currentTarget: { value } }) => setEdits((now) => ({ ...now, isActive: value === 'true' }))}
        />
      </div>
    </Section>
  );
}
