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
import { fieldsOf, type SettingField } from '../connect/fields-of.ts';
import { Conflict } from './conflict.tsx';
import { changedMeanwhile, changesIn, type EditGroup, type Edits, type Meanwhile, noEdits, patchOf, withEdit, withoutEdit } from './edits.ts';
import { GuardRows } from './guard-rows.tsx';
import { LeaveGuard } from './leave-guard.tsx';
import { ParamRow } from './param-row.tsx';
import { RemoveConfig } from './remove-config.tsx';
import { SavePanel } from './save-panel.tsx';
import { SecretRow } from './secret-row.tsx';
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
  const { settings } = useWords().edit;
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
  return (
    <>
      <LeaveGuard count={() => unsaved.current} />
      {meanwhile === null ? null : <Conflict changes={meanwhile} onTakeTheirs={takeTheirs} />}
      <form className="connect edit-config" onSubmit={send}>
        <div className="settings-form">
          <General config={config} edits={edits} setEdits={setEdits} />
          <Params {...{ config, connector, explanation, fields, edits }} onEdit={edit('params')} />
          <Secrets {...{ config, connector, explanation, edits }} onEdit={edit('secrets')} />
          <Guard {...{ config, connector, explanation, edits }} onEdit={edit('guard')} />
        </div>
        <SavePanel
          {...{ config, patch, whatIf, choice, save }}
          onChoose={setChoice}
          onDiscard={() => {
            setEdits(noEdits);
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
      <div className={name === config.name ? 'setting is-plain' : 'setting is-plain is-edited'}>
        <TextInput
          label={settings.name}
          required
          value={name}
          onChange={({ currentTarget: { value } }) => setEdits((now) => ({ ...now, name: value }))}
        />
      </div>
      <div className={isActive === config.is_active ? 'setting is-plain' : 'setting is-plain is-edited'}>
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

interface PartProps {
  config: ShownConfig;
  connector: Connector;
  explanation: Explanation;
  edits: Edits;
  onEdit(name: string, value: string | null | undefined): void;
}

function Params({ fields, ...of }: PartProps & { fields: readonly SettingField[] }): ReactNode {
  const { integration } = useWords();
  const { settings } = useWords().edit;
  const { config, connector, explanation, edits, onEdit } = of;
  const row = (field: SettingField) => (
    <ParamRow
      key={field.name}
      field={field}
      config={config}
      explained={explanation.params.find(({ name }) => name === field.name)}
      isIdentity={connector.identity.includes(field.name)}
      edit={edits.params[field.name]}
      onEdit={(value) => onEdit(field.name, value)}
    />
  );
  // What nobody set stands folded, so that what is in force can be seen at once.
  const isShown = ({ name, isRequired }: SettingField) =>
    isRequired ||
    edits.params[name] !== undefined ||
    explanation.params.some((each) => each.name === name && each.from !== null);
  const folded = fields.filter((field) => !isShown(field));
  return (
    <Section title={settings.params} aside={integration.settingsIntro}>
      {fields.filter(isShown).map(row)}
      {folded.length === 0 ? null : (
        <details className="raw folded">
          <summary>{settings.moreSettings(folded.length)}</summary>
          {folded.map(row)}
        </details>
      )}
    </Section>
  );
}

function Secrets({ config, connector, explanation, edits, onEdit }: PartProps): ReactNode {
  const { settings } = useWords().edit;
  // What is stored and no longer known may still be taken away.
  const names = [...new Set([...connector.secret_fields, ...Object.keys(config.secrets)])];
  if (names.length === 0) return null;
  const row = (name: string) => (
    <SecretRow
      key={name}
      name={name}
      config={config}
      explained={explanation.secrets.find((each) => each.name === name)}
      edit={edits.secrets[name]}
      onEdit={(value) => onEdit(name, value)}
    />
  );
  const isShown = (name: string) =>
    explanation.secrets.length === 0 ||
    edits.secrets[name] !== undefined ||
    explanation.secrets.some((each) => each.name === name);
  const folded = names.filter((name) => !isShown(name));
  return (
    <Section title={settings.secrets}>
      <p className="soft small">{settings.secretsHelp}</p>
      {names.filter(isShown).map(row)}
      {folded.length === 0 ? null : (
        <details className="raw folded">
          <summary>{settings.moreSecrets(folded.length)}</summary>
          {folded.map(row)}
        </details>
      )}
    </Section>
  );
}

function Guard({ config, explanation, edits, onEdit }: PartProps): ReactNode {
  const { settings } = useWords().edit;
  const [first] = explanation.guard;
  // Its own limits stand open, so that nobody has to look for them.
  const open = new Set([first?.name ?? '', ...Object.keys(config.guard)]);
  const rows = (isOpen: boolean) => (
    <GuardRows
      config={config}
      limits={explanation.guard.filter(({ name }) => open.has(name) === isOpen)}
      edits={edits.guard}
      onEdit={onEdit}
    />
  );
  return (
    <Section title={settings.guard}>
      <p className="soft small">{settings.guardHelp}</p>
      <div className="guard">
        {rows(true)}
        <details className="raw folded">
          <summary>{settings.moreLimits(explanation.guard.filter(({ name }) => !open.has(name)).length)}</summary>
          {rows(false)}
        </details>
      </div>
    </Section>
  );
}
