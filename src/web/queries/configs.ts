// Configs, sources, connectors and levels from the API, and how a config fares.
import {
  queryOptions,
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import type {
  CheckReport,
  Company,
  Concept,
  Config,
  Connector,
  Explanation,
  Page,
  Run,
  ShownConfig,
  Site,
  Source,
} from '../api-types.ts';
import { callApi } from '../call-api.ts';
import type { Health } from '../look/status.tsx';
import { configsEvery, useEvery } from './link.ts';

/** All rows of a list that is not long: configs, sources, levels. */
async function allOf<Row>(path: string, signal: AbortSignal, limit = 1000): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<Row> = await callApi<Page<Row>>(path, { limit, cursor }, { signal });
    rows.push(...page.data);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && rows.length < 10_000);
  return rows;
}

export function useConfigs(): UseQueryResult<Config[], Error> {
  const every = useEvery();
  return useQuery({
    queryKey: ['configs', 'all'],
    queryFn: ({ signal }) => allOf<Config>('/configs', signal),
    refetchInterval: ({ state }) => every(configsEvery(state.data)),
  });
}

export function useSources(): UseQueryResult<Source[], Error> {
  return useQuery({
    queryKey: ['sources', 'all'],
    // Counting every item costs the database something: a hundred sources at once, and not often. A run that ends here asks anew.
    queryFn: ({ signal }) => allOf<Source>('/sources', signal, 100),
    staleTime: 60_000,
    refetchInterval: 300_000,
  });
}

export function useConnectors(): UseQueryResult<Connector[], Error> {
  return useQuery({
    queryKey: ['connectors'],
    queryFn: async ({ signal }) => (await callApi<Page<Connector>>('/connectors', undefined, { signal })).data,
    staleTime: 300_000,
  });
}

export interface Levels {
  concepts: Concept[];
  companies: Company[];
  sites: Site[];
}

export function useLevels(): UseQueryResult<Levels, Error> {
  return useQuery({
    queryKey: ['levels'],
    queryFn: async ({ signal }) => {
      const [concepts, companies, sites] = await Promise.all([
        allOf<Concept>('/concepts', signal),
        allOf<Company>('/companies', signal),
        allOf<Site>('/sites', signal),
      ]);
      return { concepts, companies, sites };
    },
    staleTime: 60_000,
  });
}

/** How one config is asked for. */
export function configQuery(id: string) {
  return queryOptions({
    queryKey: ['configs', 'one', id],
    queryFn: ({ signal }) => callApi<ShownConfig>(`/configs/${encodeURIComponent(id)}`, undefined, { signal }),
  });
}

export function useConfig(id: string): UseQueryResult<ShownConfig, Error> {
  return useQuery({
    ...configQuery(id),
    refetchInterval: useEvery()(10_000),
  });
}

export function useExplanation(id: string): UseQueryResult<Explanation, Error> {
  return useQuery({
    queryKey: ['configs', 'explain', id],
    queryFn: ({ signal }) => callApi<Explanation>(`/configs/${encodeURIComponent(id)}/explain`, undefined, { signal }),
  });
}

/** Test, pause and resume: POSTs below one config. */
export function useConfigCall<Answer = CheckReport>(
  id: string,
): UseMutationResult<Answer, Error, { verb: 'test' | 'pause' | 'resume'; body?: unknown }> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ verb, body }) =>
      callApi<Answer>(`/configs/${encodeURIComponent(id)}/${verb}`, undefined, {
        method: 'POST',
        ...(body === undefined ? {} : { body }),
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['configs'] }),
  });
}

/** The name that people gave the integration of a run; else the one that its source got. */
export function useRunName(): (run: Run) => string | null {
  const configs = useConfigs();
  return (run) => configs.data?.find(({ id }) => id === run.config_id)?.name ?? run.source_name;
}

/** What is known about all sources beside the configs. */
export interface Now {
  active: readonly Run[];
  holds: readonly Run[];
}

/** How a config fares, worst first: what is under way, waits for a person, failed or is late. */
export function healthOf(config: Config, { active, holds }: Now): Health {
  if (config.source_id === null) return 'defaults';
  if (activeRunOf(config, active) !== undefined) return 'running';
  if (holds.some((run) => run.source_id === config.source_id)) return 'held';
  if (!config.is_active) return 'off';
  if (config.last_sync_status === 'failed' || config.last_sync_status === 'interrupted') return 'failed';
  if (config.schedule.late) return 'late';
  if (config.schedule.paused_at !== null) return 'paused';
  if (config.last_sync_status === 'partial') return 'partial';
  return config.last_sync_at === null && config.sync_count === 0 ? 'fresh' : 'healthy';
}

/** The run that is under way for the source of a config. */
export function activeRunOf(config: Config, active: readonly Run[]): Run | undefined {
  return active.find((run) => run.source_id === config.source_id);
}
