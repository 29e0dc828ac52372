// The settings that a run used, kept in its own row: what a config says today need not be what it said then.
import type { Queryable } from '../../../db/database.ts';
import type { Json } from '../../../json.ts';
import { isUuid } from '../../row-values.ts';

/** One setting in force, and the level that set it. */
export interface UsedParam {
  name: string;
  value: Json;
  /** null = the connector's default. */
  level: string | null;
  /** Name of the config that set it; null = the connector's default. */
  set_by: string | null;
}

/** What a run used; secrets by their names only. */
export interface RunSettings {
  connector: { id: string; version: number };
  config: { id: string; name: string; level: string };
  params: UsedParam[];
  /** Names of the secrets that were opened for it. */
  secrets: string[];
  /** The guard's limits in force. */
  guard: Record<string, boolean | number>;
}

/** What is kept of a run; null = nothing: it never began to read, or it is older than this record. */
export async function readRunSettings(q: Queryable, runId: string): Promise<RunSettings | null> {
  if (!isUuid(runId)) return null;
  const { rows } = await q.query<{ settings: RunSettings | null }>(
    'select settings from integration_sync_history where id = $1',
    [runId],
  );
  return rows[0]?.settings ?? null;
}
