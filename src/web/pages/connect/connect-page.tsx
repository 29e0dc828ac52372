// Connecting a POS: which one, its settings as its connector asks for them, a test, and only then saving.
import { Button } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { CheckReport, Config, Connector } from '../../api-types.ts';
import { CheckSteps } from '../../parts/check-steps.tsx';
import { ChoiceField } from '../../parts/filter-field.tsx';
import { PageHead, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { type Search, useFilter } from '../../parts/use-filter.ts';
import { useChange } from '../../queries/calls.ts';
import { useConnectors } from '../../queries/configs.ts';
import { useWords } from '../../words/words.ts';
import { fieldsOf, paramsOf } from './fields-of.ts';
import { LevelFields } from './level-fields.tsx';
import { SettingFields } from './setting-fields.tsx';
import { type Draft, useDraft } from './use-draft.ts';

export function ConnectPage(): ReactNode {
  const words = useWords();
  const connectors = useConnectors();
  const [filter, setFilter] = useFilter();
  const connector = connectors.data?.find(({ id }) => id === filter.connector);
  // Files are not asked: they are imported.
  const asked = connectors.data?.filter(({ takes_files }) => !takes_files) ?? [];
  return (
    <>
      <PageHead title={words.pages.connect} above={<Link to="/integrations">{words.pages.integrations}</Link>}>
        {words.connect.intro}
      </PageHead>
      {connectors.error === null ? null : <Problem error={connectors.error} onRetry={connectors.refetch} />}
      {connectors.data === undefined ? (
        <Waiting rows={5} />
      ) : (
        <div className="filters">
          <ChoiceField
            label={words.connect.choose}
            value={filter.connector}
            choices={[['', words.connect.choose], ...asked.map(({ id, title }) => [id, title] as const)]}
            onChange={(id) => setFilter({ connector: id })}
          />
        </div>
      )}
      {connector === undefined ? (
        <PosList connectors={asked} onChoose={(id) => setFilter({ connector: id })} />
      ) : (
        <Form key={connector.id} connector={connector} start={placeIn(filter)} />
      )}
    </>
  );
}

/** All of them at a glance, with what makes an account of each. */
function PosList({
  connectors,
  onChoose,
}: {
  connectors: readonly Connector[];
  onChoose(id: string): void;
}): ReactNode {
  return (
    <ul className="pos-list">
      {connectors.map(({ id, title, identity }) => (
        <li key={id}>
          <button type="button" onClick={() => onChoose(id)}>
            <span className="strong">{title}</span>
            <span className="soft small mono">{identity.join(', ')}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** The place that the address names: where somebody asked to connect a POS. */
function placeIn({ level, place }: Search): Partial<Draft> {
  return (level === 'concept' || level === 'company' || level === 'site') && place !== undefined
    ? { level, levelId: place }
    : {};
}

function Form({ connector, start }: { connector: Connector; start: Partial<Draft> }): ReactNode {
  const [draft, change, forget] = useDraft(connector.id, start);
  const [secrets, setSecrets] = useState<Record<string, string>>({});
  const save = useChange<Config>();
  const navigate = useNavigate();
  const settings = () => ({ params: paramsOf(fieldsOf(connector), draft.params), secrets: filled(secrets) });
  const send = (event: FormEvent) => {
    event.preventDefault();
    const body = { connector_id: connector.id, name: draft.name, ...levelOf(draft), ...settings() };
    save.mutate(
      { path: '/configs', method: 'POST', body },
      {
        onSuccess: ({ id }) => {
          forget();
          void navigate({ to: '/integrations/$configId', params: { configId: id } });
        },
      },
    );
  };
  return (
    <form className="connect" onSubmit={send}>
      <div className="form">
        <LevelFields draft={draft} change={change} />
        <SettingFields connector={connector} draft={draft} change={change} secrets={secrets} setSecrets={setSecrets} />
      </div>
      <Trial connector={connector} settings={settings} error={save.error} isSaving={save.isPending} />
    </form>
  );
}

function filled(secrets: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(secrets).filter(([, value]) => value !== ''));
}

function levelOf(draft: Draft): Record<string, unknown> {
  if (draft.level === '') return {};
  return { level: draft.level, ...(draft.levelId === '' ? {} : { [`${draft.level}_id`]: Number(draft.levelId) }) };
}

interface TrialProps {
  connector: Connector;
  settings(): { params: Record<string, unknown>; secrets: Record<string, string> };
  error: Error | null;
  isSaving: boolean;
}

function Trial({ connector, settings, error, isSaving }: TrialProps): ReactNode {
  const { connect } = useWords();
  const test = useChange<CheckReport>();
  const isGood = test.data?.ok === true;
  return (
    <div className="form trial">
      <div className="live-actions">
        <Button
          variant={isGood ? 'default' : 'filled'}
          loading={test.isPending}
          onClick={() => test.mutate({ path: `/connectors/${connector.id}/test`, method: 'POST', body: settings() })}
        >
          {connect.test}
        </Button>
        <Button type="submit" variant={isGood ? 'filled' : 'default'} loading={isSaving}>
          {connect.save}
        </Button>
      </div>
      {test.data === undefined && test.error === null ? <p className="soft">{connect.notTested}</p> : null}
      {test.error === null ? null : <Problem error={test.error} />}
      {test.data === undefined ? null : <CheckSteps report={test.data} />}
      {error === null ? null : <Problem error={error} />}
      <p className="soft small">{connect.draft}</p>
    </div>
  );
}
