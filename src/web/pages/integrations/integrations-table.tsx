// Integrations as rows, each with its Sync now.
import { Link } from '@tanstack/react-router';
import { Fragment, type ReactNode } from 'react';
import type { Config, Run, Source } from '../../api-types.ts';
import { type Health, HealthBadge } from '../../look/status.tsx';
import { LevelSync } from '../../parts/run/level-sync.tsx';
import { SyncButton } from '../../parts/run/sync-button.tsx';
import { When } from '../../parts/when.tsx';
import { useConnectors } from '../../queries/configs.ts';
import { kinds } from '../../words/result.ts';
import { number } from '../../words/say.ts';
import { scheduleWords } from '../../words/schedule-words.ts';
import { useWords } from '../../words/words.ts';

/** Rows that belong to one concept or company; without a head those of no level. */
export interface LevelGroup {
  key: string;
  head: { level: 'concept' | 'company'; id: number; name: string; above: string | null } | null;
  rows: IntegrationRow[];
}

export interface IntegrationRow {
  config: Config;
  source: Source | undefined;
  health: Health;
  active: Run | undefined;
  /** The name of its concept, company or site; '' = none. */
  place: string;
}

export function IntegrationsTable({ groups }: { groups: readonly LevelGroup[] }): ReactNode {
  const { integrations, pages } = useWords();
  return (
    <div className="table-frame">
      <table className="rows">
        <caption className="hidden">{pages.integrations}</caption>
        <thead>
          <tr>
            <th scope="col">{integrations.status}</th>
            <th scope="col">{integrations.name}</th>
            <th scope="col">{integrations.level}</th>
            <th scope="col">{integrations.lastGood}</th>
            <th scope="col" className="right">
              {integrations.items}
            </th>
            <th scope="col">{integrations.next}</th>
            <th scope="col">
              <span className="hidden">{integrations.actions}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <Fragment key={group.key}>
              {group.head === null ? null : <GroupHead head={group.head} rows={group.rows} />}
              {group.rows.map((row) => (
                <Row key={row.config.id} row={row} />
              ))}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What stands at a concept or company and below it, with Sync now for all of it. */
function GroupHead({
  head,
  rows,
}: {
  head: NonNullable<LevelGroup['head']>;
  rows: readonly IntegrationRow[];
}): ReactNode {
  const words = useWords();
  const { level, id, name, above } = head;
  const runnable = rows.filter(({ config }) => config.source_id !== null);
  const items = runnable.reduce((sum, { source }) => sum + (source === undefined ? 0 : liveItems(source)), 0);
  return (
    <tr className="level-row">
      <th scope="colgroup" colSpan={7}>
        <span className="level-head">
          <span>
            {above === null ? null : <span className="soft">{above} / </span>}
            <span className="strong">{name}</span> <span className="soft small">{words.levels[level]}</span>
          </span>
          <span className="soft small">{words.edit.places.below(runnable.length, items)}</span>
          {runnable.length > 0 ? <LevelSync level={level} id={id} name={name} /> : null}
        </span>
      </th>
    </tr>
  );
}

function liveItems(source: Source): number {
  return kinds.reduce((sum, kind) => sum + source.items[kind].live, 0);
}

function Row({ row }: { row: IntegrationRow }): ReactNode {
  const words = useWords();
  const { integrations } = words;
  const { config, source, health, active, place } = row;
  return (
    <tr>
      <td data-label={integrations.status}>
        <HealthBadge health={health} />
      </td>
      <td data-label={integrations.name} className="cell-name">
        <Link className="row-link strong" to="/integrations/$configId" params={{ configId: config.id }}>
          {config.name}
        </Link>
        <Under row={row} />
      </td>
      <td data-label={integrations.level}>
        {place === '' ? words.levels[config.level] : place}
        {place === '' ? null : <span className="under">{words.levels[config.level]}</span>}
      </td>
      <td data-label={integrations.lastGood}>
        <When at={source?.last_synced_at ?? null} inTable />
      </td>
      <td data-label={integrations.items} className="right mono">
        {source === undefined ? '–' : number(liveItems(source))}
      </td>
      <td data-label={integrations.next}>
        <NextRun config={config} />
      </td>
      <td className="cell-action">
        <SyncButton config={config} active={active} />
      </td>
    </tr>
  );
}

/** What stands below the name: progress, the reason of a failure, or the source that it reads. */
function Under({ row: { config, health, active, source } }: { row: IntegrationRow }): ReactNode {
  const { integrations } = useWords();
  const connectors = useConnectors();
  const items = active?.progress?.items;
  if (typeof items === 'number' && items > 0)
    return <span className="under ink-blue">{integrations.soFar(items)}</span>;
  if (health === 'failed' && config.last_error !== null)
    return <span className="under ink-red">{config.last_error}</span>;
  const title = connectors.data?.find(({ id }) => id === config.connector_id)?.title ?? config.connector_id;
  return (
    <span className="under">
      {config.source_id === null ? `${title} · ${integrations.defaultsOnly}` : (source?.name ?? title)}
    </span>
  );
}

/** When it is due, or why it is not. */
function NextRun({ config }: { config: Config }): ReactNode {
  const words = useWords();
  const { schedule } = config;
  if (schedule.cron === null && schedule.every_minutes === null) return <span className="soft">–</span>;
  if (schedule.paused_at !== null) return <span className="soft">{words.time.paused}</span>;
  return (
    <>
      <When at={schedule.next_due_at} empty={words.time.planning} inTable />
      <span className="under">{scheduleWords(schedule, words)}</span>
    </>
  );
}
