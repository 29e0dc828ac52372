// Sync History: every run, filtered by what stands in the address, read page by page.
import type { ReactNode } from 'react';
import type { Run, RunStatus } from '../../api-types.ts';
import type { ApiQuery } from '../../call-api.ts';
import { ExportMenu } from '../../parts/run/export-menu.tsx';
import { ChoiceField, TextField } from '../../parts/filter-field.tsx';
import { Empty, MoreButton, PageHead, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { RunsTable } from '../../parts/run/runs-table.tsx';
import type { Search } from '../../parts/use-filter.ts';
import { useFilter } from '../../parts/use-filter.ts';
import { useConfigs } from '../../queries/configs.ts';
import { usePages } from '../../queries/runs.ts';
import { useWords } from '../../words/words.ts';

export function HistoryPage(): ReactNode {
  const words = useWords();
  const [filter, setFilter] = useFilter();
  const isFiltered = Object.values(filter).some((value) => value !== undefined && value !== '');
  return (
    <>
      <PageHead title={words.pages.history} actions={<ExportMenu path="/runs/export" query={queryOf(filter)} />}>
        {words.history.intro}
      </PageHead>
      <Filters filter={filter} setFilter={setFilter} />
      <Rows filter={filter} isFiltered={isFiltered} />
    </>
  );
}

interface FilterProps {
  filter: Search;
  setFilter(change: Search): void;
}

function Filters({ filter, setFilter }: FilterProps): ReactNode {
  const words = useWords();
  const configs = useConfigs();
  const statuses = Object.keys(words.statuses) as RunStatus[];
  return (
    <search className="filters">
      <ChoiceField
        label={words.integrations.status}
        value={filter.status}
        choices={[
          ['', words.integrations.allStatuses],
          ...statuses.map((each) => [each, words.statuses[each]] as const),
        ]}
        onChange={(status) => setFilter({ status })}
      />
      <ChoiceField
        label={words.history.integration}
        value={filter.config}
        choices={[
          ['', words.history.allIntegrations],
          ...(configs.data ?? []).filter((each) => each.source_id !== null).map(({ id, name }) => [id, name] as const),
        ]}
        onChange={(config) => setFilter({ config })}
      />
      <ChoiceField
        label={words.history.trigger}
        value={filter.trigger}
        choices={[['', words.history.allTriggers], ...Object.entries(words.triggers)]}
        onChange={(trigger) => setFilter({ trigger })}
      />
      <TextField label={words.history.day} type="date" value={filter.day} onChange={(day) => setFilter({ day })} />
    </search>
  );
}

/** The day as the reader means it, in the zone of the browser. */
function dayOf(day: string | undefined): { since?: string; until?: string } {
  const start = new Date(`${day ?? ''}T00:00`);
  if (Number.isNaN(start.getTime())) return {};
  const end = new Date(start);
  end.setDate(end.getDate() + 1);
  return { since: start.toISOString(), until: end.toISOString() };
}

function queryOf(filter: Search): ApiQuery {
  return { status: filter.status, config_id: filter.config, trigger: filter.trigger, ...dayOf(filter.day) };
}

function Rows({ filter, isFiltered }: { filter: Search; isFiltered: boolean }): ReactNode {
  const words = useWords();
  const runs = usePages<Run>('/runs', { ...queryOf(filter), limit: 50 }, 10_000);
  if (runs.error !== null && runs.data === undefined) return <Problem error={runs.error} onRetry={runs.refetch} />;
  if (runs.data === undefined) return <Waiting rows={10} />;
  if (runs.data.rows.length === 0) {
    return isFiltered ? (
      <Empty icon="search" title={words.history.filteredNone} />
    ) : (
      <Empty icon="till" title={words.history.none}>
        {words.history.noneText}
      </Empty>
    );
  }
  return (
    <>
      <RunsTable runs={runs.data.rows} label={words.pages.history} />
      <MoreButton pages={runs} />
    </>
  );
}
