// What a change of a config's params would do to it and to the configs below it: tried in a transaction that is rolled back.
import type { Queryable } from '../../db/database.ts';
import type { Level } from '../../records/configs/config.ts';
import { readConfigsBelow } from '../../records/configs/read-levels.ts';
import { setConfigSource, updateConfig } from '../../records/configs/write-configs.ts';
import { findSourceByIdentity, getSource } from '../../records/sources/read-sources.ts';
import { readActiveConfig } from '../../records/sources/write-sources.ts';
import type { Deps } from '../deps.ts';
import { type Admit, sourceOfIdentity } from './bind-source.ts';
import { checkParamNames } from './check-settings.ts';
import { type MergedConfig, mergeLevels } from './merge-levels.ts';

/** One side of a change; `identity` null = not known, so the config has no catalog. */
interface Side {
  runnable: boolean;
  missing: string[];
  identity: Record<string, string> | null;
}

/** What becomes of one config. */
export interface ConfigEffect {
  config_id: string;
  name: string;
  level: Level;
  before: Side & { source_id: string | null };
  after: Side & {
    /** The source that has this identity already; null = none, it would be made. */
    source_id: string | null;
  };
  /** The change then asks for --move or --new-source. */
  changes_identity: boolean;
  changes_runnable: boolean;
  /** Another active config that reads the source of the new identity: the change would be refused. */
  conflict: { config_id: string; name: string } | null;
}

export interface WhatIf {
  config_id: string;
  /** The config and the active ones below it. */
  effects: ConfigEffect[];
}

class RolledBack extends Error {}

/**
 * Tries a change and takes it back. `params` as in setConfig: null takes one away.
 * Throws TillsyncError config_unknown, param_unknown, param_is_secret, param_invalid, defaults_ambiguous.
 */
export async function whatIf(
  deps: Pick<Deps, 'database' | 'connectors'>,
  of: { configId: string; params: Readonly<Record<string, unknown>>; admit?: Admit | undefined },
): Promise<WhatIf> {
  let effects: ConfigEffect[] = [];
  try {
    await deps.database.transaction(async (q) => {
      effects = await tried(q, deps, of);
      throw new RolledBack();
    });
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
  }
  return { config_id: of.configId, effects };
}

async function tried(q: Queryable, deps: Pick<Deps, 'connectors'>, of: Parameters<typeof whatIf>[1]) {
  const own = await mergeLevels(q, deps, of.configId);
  const { config, connector } = own;
  const isStoredAndTaken = (name: string) => of.params[name] === null && Object.hasOwn(config.params, name);
  checkParamNames(
    connector,
    Object.keys(of.params).filter((name) => !isStoredAndTaken(name)),
  );
  const before = new Map([[config.id, own]]);
  for (const id of await readConfigsBelow(q, config)) before.set(id, await mergeLevels(q, deps, id));
  const wanted = Object.entries({ ...config.params, ...of.params }).filter(([, value]) => value !== null);
  await updateConfig(q, config.id, { params: Object.fromEntries(wanted) });
  const effects: ConfigEffect[] = [];
  const made = new Set<string>();
  // From the top down: a config that gets a source of its own is no default for those below any more, and the other way round.
  for (const [id, was] of before)
    effects.push(await effectOn(q, { was, is: await mergeLevels(q, deps, id), made, admit: of.admit }));
  return effects;
}

/** `made` = sources that the trial itself made. */
async function effectOn(
  q: Queryable,
  { was, is, made, admit }: { was: MergedConfig; is: MergedConfig; made: Set<string>; admit: Admit | undefined },
): Promise<ConfigEffect> {
  const { config, connector } = is;
  const current = config.source_id === null ? null : await getSource(q, config.source_id);
  const target = is.identity === null ? null : await findSourceByIdentity(q, is.identity.key);
  if (target !== null) await admit?.(q, target.id);
  // An adopted source that waits for its identity keeps its config, and takes the identity that comes.
  const isAdopted = current !== null && current.identity_key === null;
  const changes = current !== null && !isAdopted && current.identity_key !== (is.identity?.key ?? null);
  const rival = target === null || !config.is_active ? null : await readActiveConfig(q, target.id, config.id);
  if (is.identity !== null && !isAdopted) {
    const sourceId = await sourceOfIdentity(q, connector, is.identity);
    if (target === null) made.add(sourceId);
    await setConfigSourceFreely(q, is, sourceId);
  } else if (!isAdopted) await setConfigSource(q, config.id, null);
  const known = target === null || made.has(target.id) ? null : target.id;
  const afterId = isAdopted && target === null ? config.source_id : known;
  return {
    config_id: config.id,
    name: config.name,
    level: config.level,
    before: { ...sideOf(was), source_id: was.config.source_id },
    after: { ...sideOf(is), source_id: afterId },
    changes_identity: changes,
    changes_runnable: sideOf(was).runnable !== sideOf(is).runnable,
    conflict: rival === null ? null : { config_id: rival.id, name: rival.name },
  };
}

// What cannot be because of another active config is told as a conflict; the key of the table must not end the trial.
async function setConfigSourceFreely(q: Queryable, { config }: MergedConfig, sourceId: string): Promise<void> {
  if (config.source_id === sourceId) return;
  const isTaken = config.is_active && (await readActiveConfig(q, sourceId, config.id)) !== null;
  if (!isTaken) await setConfigSource(q, config.id, sourceId);
}

function sideOf({ missing, identity }: MergedConfig): Side {
  return {
    runnable: missing.length === 0 && identity !== null,
    missing,
    identity: identity === null ? null : { ...identity.identity },
  };
}
