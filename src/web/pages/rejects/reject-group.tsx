// Rejects of one kind for one reason: how many, since when, what to do; opened, every one with its value and its run.
import { Link } from '@tanstack/react-router';
import { type ReactNode, useId } from 'react';
import type { FoundReject, RejectGroup } from '../../api-types.ts';
import { Icon } from '../../look/icon.tsx';
import { MoreButton, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { When } from '../../parts/when.tsx';
import { useConfigs } from '../../queries/configs.ts';
import { usePages } from '../../queries/runs.ts';
import { number } from '../../words/say.ts';
import { useWords } from '../../words/words.ts';

/** What the page is filtered by, as the API takes it. */
export type RejectQuery = Readonly<Record<string, string | undefined>>;

interface GroupProps {
  group: RejectGroup;
  query: RejectQuery;
  isOpen: boolean;
  onToggle(): void;
}

export function Group({ group, query, isOpen, onToggle }: GroupProps): ReactNode {
  const words = useWords();
  const { rejects: say } = words;
  const id = useId();
  const [title = group.example] = say.reasons[group.reason] ?? [];
  return (
    <li className="reject-group">
      <h2 className="reject-head">
        <button type="button" className="reject-open" aria-expanded={isOpen} aria-controls={id} onClick={onToggle}>
          <span className="reject-count">{number(group.rejects)}</span>
          <span className="reject-what">
            <span className="strong">{title}</span>
            <span className="soft small">
              {words.kind[group.kind]} · <code>{group.reason}</code>
            </span>
          </span>
          <State isOpen={group.open > 0} />
          <span className={isOpen ? 'reject-turn is-open' : 'reject-turn'}>
            <Icon name="right" size={14} />
          </span>
        </button>
      </h2>
      <p className="reject-facts soft small">
        <Sources group={group} /> · {say.since} <When at={group.first_seen} inTable /> · {say.last}{' '}
        <When at={group.last_seen} inTable />
      </p>
      <div id={id} className="reject-body" hidden={!isOpen}>
        {isOpen ? <Opened group={group} query={query} /> : null}
      </div>
    </li>
  );
}

function State({ isOpen }: { isOpen: boolean }): ReactNode {
  const { badges } = useWords().rejects;
  return (
    <span className={isOpen ? 'badge amber' : 'badge grey'}>
      <Icon name={isOpen ? 'alert' : 'check'} size={12} />
      {isOpen ? badges.open : badges.gone}
    </span>
  );
}

/** One source is told by its name, several by their number. */
function Sources({ group }: { group: RejectGroup }): ReactNode {
  const { rejects: words } = useWords();
  const configs = useConfigs();
  const [only] = group.config_ids;
  const config = group.sources === 1 ? configs.data?.find(({ id }) => id === only) : undefined;
  if (config === undefined) return words.inSources(group.sources);
  return (
    <Link to="/integrations/$configId" params={{ configId: config.id }}>
      {config.name}
    </Link>
  );
}

function Opened({ group, query }: { group: RejectGroup; query: RejectQuery }): ReactNode {
  const { rejects: words, app } = useWords();
  const { kind, reason } = group;
  const rows = usePages<FoundReject>('/rejects/rows', { ...query, kind, reason, limit: 20 });
  const [, fix = words.otherFix] = words.reasons[reason] ?? [];
  return (
    <>
      <p className="note">
        <strong className="strong">{words.fix}:</strong> {fix}
      </p>
      {rows.error === null ? null : <Problem error={rows.error} onRetry={rows.refetch} />}
      {rows.data === undefined ? (
        rows.error === null ? (
          <Waiting rows={3} />
        ) : null
      ) : (
        <ul className="reject-rows" aria-label={words.examples}>
          {rows.data.rows.map((row) => (
            <Row key={`${row.run_id} ${row.seq}`} row={row} />
          ))}
        </ul>
      )}
      <MoreButton pages={rows} />
      <p className="hidden" role="status">
        {rows.isFetching ? app.loading : ''}
      </p>
    </>
  );
}

function Row({ row }: { row: FoundReject }): ReactNode {
  const { rejects: words, run, history } = useWords();
  const configs = useConfigs();
  const name = configs.data?.find(({ id }) => id === row.config_id)?.name ?? row.source_name ?? history.integration;
  return (
    <li className="reject-row">
      <div className="reject-row-head">
        <span>{row.external_id === null ? (nameIn(row.raw) ?? words.noId) : <code>{row.external_id}</code>}</span>
        <span>{row.message}</span>
      </div>
      <p className="soft small">
        {name} ·{' '}
        <Link to="/runs/$runId" params={{ runId: row.run_id }} search={{ tab: 'rejects' } as never}>
          {words.run} <When at={row.seen_at} inTable />
        </Link>
      </p>
      <details className="raw">
        <summary>{run.raw}</summary>
        <pre className="code">{JSON.stringify(row.raw, null, 2)}</pre>
      </details>
    </li>
  );
}

/** What a person knows an item by that has no id. */
function nameIn(raw: unknown): string | null {
  if (typeof raw !== 'object' || raw === null) return null;
  const { name, title } = raw as Record<string, unknown>;
  return typeof name === 'string' && name !== '' ? name : typeof title === 'string' && title !== '' ? title : null;
}
