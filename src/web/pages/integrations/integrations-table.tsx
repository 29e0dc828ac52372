// Integrations as rows, each with its Sync now.
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Config, Run, Source } from '../../api-types.ts';
import { type Health, HealthBadge } from '../../look/status.tsx';
import { SyncButton } from '../../parts/run/sync-button.tsx';
import { When } from '../../parts/when.tsx';
import { useConnectors } from '../../queries/configs.ts';
import { scheduleText } from '../../words/quantities.ts';
import { kinds } from '../../words/result.ts';
import { number } from '../../words/say.ts';
import { useWords } from '../../words/words.ts';

export interface IntegrationRow {
  config: Config;
  source: Source | undefined;
  health: Health;
  active: Run | undefined;
  /** The name of its concept, company or site; '' = none. */
  place: string;
}

export function IntegrationsTable({ rows }: { rows: readonly IntegrationRow[] }): ReactNode {
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
          {rows.map((row) => (
            <Row key={row.config.id} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
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
        {source === undefined ? '–' : number(kinds.reduce((sum, kind) => sum + source.items[kind].live, 0))}
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

/** What stands below the name: progress, the reason of a failure, or which POS it is. */
function Under({ row: { config, health, active } }: { row: IntegrationRow }): ReactNode {
  const { integrations } = useWords();
  const connectors = useConnectors();
  const items = active?.progress?.items;
  if (typeof items === 'number' && items > 0)
    return <span className="under ink-blue">{integrations.soFar(items)}</span>;
  if (health === 'failed' && config.last_error !== null)
    return <span className="under ink-red">{config.last_error}</span>;
  const title = connectors.data?.find(({ id }) => id === config.connector_id)?.title ?? config.connector_id;
  return <span className="under">{config.source_id === null ? `${title} · ${integrations.defaultsOnly}` : title}</span>;
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
      <span className="under">{scheduleText(schedule, words)}</span>
    </>
  );
}
