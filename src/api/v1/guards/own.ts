// Proves that what a request names is the caller's own; what is not answers as if it were not there.
import type { Context } from 'hono';
import { placeUnknown } from '../../../access/manage-keys.ts';
import { inputError, type TillsyncError } from '../../../errors.ts';
import { isOneLine, isPlaceWithin } from '../../../records/access/places.ts';
import { getConfig } from '../../../records/configs/read-configs.ts';
import { getRun } from '../../../records/runs/read-runs.ts';
import type { Run } from '../../../records/runs/run.ts';
import { listSources } from '../../../records/sources/read-sources.ts';
import type { SourceOverview } from '../../../records/sources/source.ts';
import { configUnknown } from '../../../sync/configs/merge-levels.ts';
import type { ApiEnv } from '../api-given.ts';
import { ownRows } from './permit.ts';

/** The config with this id, as the caller may see it. Throws TillsyncError config_unknown (404). */
export async function ownConfig(context: Context<ApiEnv>, id: string) {
  const config = await getConfig(ownRows(context), id);
  if (config === null) throw configUnknown(id);
  return config;
}

/** The run with this id. Throws TillsyncError run_unknown (404). */
export async function ownRun(context: Context<ApiEnv>, id: string): Promise<Run> {
  const run = await getRun(ownRows(context), id);
  if (run === null) throw inputError('run_unknown', `No run has the id ${id}.`, 'List them with `tillsync runs list`.');
  return run;
}

/**
 * The run with this id, to be done over or approved: that is done with its config, which may have read another place's
 * catalog since. Throws TillsyncError run_unknown, config_unknown (404).
 */
export async function ownRunToRedo(context: Context<ApiEnv>, id: string): Promise<Run> {
  const run = await ownRun(context, id);
  if (run.config_id !== null) await ownConfig(context, run.config_id);
  return run;
}

/** The source with this id. Throws TillsyncError source_unknown (404). */
export async function ownSource(context: Context<ApiEnv>, id: string): Promise<SourceOverview> {
  const [source] = await listSources(ownRows(context), { id });
  if (source !== undefined) return source;
  throw inputError('source_unknown', `No source has the id ${id}.`, 'List them with `tillsync sources list`.');
}

/**
 * Proves that a place of the hierarchy lies within the caller's. Level 'all' is the hierarchy as a whole. Throws
 * TillsyncError place_unknown (404), or what `unknown` makes.
 */
export async function provePlace(
  context: Context<ApiEnv>,
  place: { level: string; id: string | number | null | undefined },
  unknown?: () => TillsyncError,
): Promise<void> {
  const levelId = place.id == null ? null : String(place.id);
  const at = levelId === null ? { level: 'all', levelId: null } : { level: place.level, levelId };
  // Over all rows: the hierarchy itself decides what is whose.
  if (await isPlaceWithin(context.get('given').deps.database, context.get('scope'), at)) return;
  throw unknown?.() ?? placeUnknown(at);
}

/**
 * Proves that the concept, company and site that a new config names are one line of the hierarchy, so that it inherits from
 * its own only. Who administers everything may say otherwise. Throws TillsyncError place_unknown (404).
 */
export async function proveOneLine(
  context: Context<ApiEnv>,
  named: { concept_id?: number | undefined; company_id?: number | undefined; site_id?: number | undefined },
): Promise<void> {
  const line = { concept: named.concept_id ?? null, company: named.company_id ?? null, site: named.site_id ?? null };
  if (context.get('scope').all || (await isOneLine(context.get('given').deps.database, line))) return;
  const level = line.concept === null ? 'company' : 'concept';
  throw placeUnknown({ level, levelId: String(line[level]) });
}
