// Integration Access: every integration with its status, its last good sync, and Sync now.
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Config, Source } from '../../api-types.ts';
import type { Health } from '../../look/status.tsx';
import { ChoiceField, TextField } from '../../parts/filter-field.tsx';
import { Empty, PageHead, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import type { Search } from '../../parts/use-filter.ts';
import { useFilter } from '../../parts/use-filter.ts';
import { healthOf, useConfigs, useLevels, useSources } from '../../queries/configs.ts';
import { useMay } from '../../queries/may.ts';
import { useActiveRuns, useHolds } from '../../queries/runs.ts';
import { useWords } from '../../words/words.ts';
import { FirstSteps } from '../home/first-steps.tsx';
import { groupRows } from './group-rows.ts';
import { type IntegrationRow, IntegrationsTable } from './integrations-table.tsx';

export function IntegrationsPage(): ReactNode {
  const words = useWords();
  const configs = useConfigs();
  const rows = useRows(configs.data ?? []);
  const levels = useLevels();
  const [filter, setFilter] = useFilter();
  if (configs.error !== null && configs.data === undefined) {
    return (
      <>
        <PageHead title={words.pages.integrations} />
        <Problem error={configs.error} onRetry={configs.refetch} />
      </>
    );
  }
  const runnable = rows.filter(({ config }) => config.source_id !== null).length;
  const shown = rows.filter((row) => isWanted(row, filter));
  return (
    <>
      <PageHead title={words.pages.integrations} actions={<ConnectButton />}>
        {configs.data === undefined ? null : words.integrations.intro(runnable)}
      </PageHead>
      {configs.data === undefined ? <Waiting rows={8} /> : null}
      {configs.data?.length === 0 ? <FirstSteps /> : null}
      {rows.length > 0 ? <Filters filter={filter} setFilter={setFilter} /> : null}
      {shown.length > 0 ? <IntegrationsTable groups={groupRows(shown, levels.data)} /> : null}
      {rows.length > 0 && shown.length === 0 ? <Empty icon="search" title={words.integrations.filteredNone} /> : null}
    </>
  );
}

function ConnectButton(): ReactNode {
  const words = useWords();
  const may = useMay();
  if (!may.administer) return null;
  return (
    <Button component={Link} to="/integrations/new">
      {words.integrations.connect}
    </Button>
  );
}

function useRows(configs: readonly Config[]): IntegrationRow[] {
  const sources = useSources();
  const active = useActiveRuns();
  const holds = useHolds();
  const levels = useLevels();
  const now = { active: active.data ?? [], holds: holds.data?.data ?? [] };
  const sourceOf = new Map((sources.data ?? []).map((source): [string, Source] => [source.id, source]));
  return configs.map((config) => ({
    config,
    source: config.source_id === null ? undefined : sourceOf.get(config.source_id),
    health: healthOf(config, now),
    active: now.active.find((run) => config.source_id !== null && run.source_id === config.source_id),
    place: placeOf(config, levels.data),
  }));
}

function placeOf(config: Config, levels: ReturnType<typeof useLevels>['data']): string {
  const find = (rows: readonly { id: number; name: string }[] | undefined, id: number | null) =>
    rows?.find((row) => row.id === id)?.name ?? '';
  if (config.level === 'site') return find(levels?.sites, config.site_id);
  return config.level === 'company'
    ? find(levels?.companies, config.company_id)
    : find(levels?.concepts, config.concept_id);
}

function isWanted({ config, health, place }: IntegrationRow, filter: Search): boolean {
  const text = (filter.name ?? '').toLowerCase();
  const isNamed = `${config.name} ${place}`.toLowerCase().includes(text);
  return (
    isNamed && [health, undefined, ''].includes(filter.status) && [config.level, undefined, ''].includes(filter.level)
  );
}

function Filters({ filter, setFilter }: { filter: Search; setFilter(change: Search): void }): ReactNode {
  const words = useWords();
  const healths = Object.keys(words.health) as Health[];
  return (
    <search className="filters">
      <TextField label={words.integrations.filter} value={filter.name} onChange={(name) => setFilter({ name })} />
      <ChoiceField
        label={words.integrations.status}
        value={filter.status}
        choices={[['', words.integrations.allStatuses], ...healths.map((each) => [each, words.health[each]] as const)]}
        onChange={(status) => setFilter({ status })}
      />
      <ChoiceField
        label={words.integrations.level}
        value={filter.level}
        choices={[
          ['', words.integrations.allLevels],
          ['concept', words.levels.concept],
          ['company', words.levels.company],
          ['site', words.levels.site],
        ]}
        onChange={(level) => setFilter({ level })}
      />
    </search>
  );
}
