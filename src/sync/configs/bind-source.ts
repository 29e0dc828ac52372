// Binds a config to the one source of its identity; an identity that changes asks what becomes of the rows.
import type { Connector } from '../../connectors/connector.ts';
import type { SourceIdentity } from '../../connectors/identity.ts';
import type { Queryable } from '../../db/database.ts';
import { inputError, TillsyncError } from '../../errors.ts';
import type { Config } from '../../records/configs/config.ts';
import { setConfigSource } from '../../records/configs/write-configs.ts';
import { supersedeWaiting } from '../../records/runs/holds.ts';
import { findSourceByIdentity, getSource } from '../../records/sources/read-sources.ts';
import type { Source } from '../../records/sources/source.ts';
import {
  lockSourceRow,
  readActiveConfig,
  setSourceIdentity,
  upsertSourceByIdentity,
} from '../../records/sources/write-sources.ts';
import { lockIdleSources } from './lock-idle-sources.ts';
import type { MergedConfig } from './merge-levels.ts';

/** What becomes of the rows when an identity changes: the source moves to it, or a new source begins. */
export type IdentityChoice = 'move' | 'new-source' | null;

/** Asked about the source that a config is about to read; throws where the caller may not have it. */
export type Admit = (q: Queryable, sourceId: string) => Promise<void>;

/** Asked about the merged settings of a config before they stand; throws where they send a secret where it does not belong. */
export type AdmitSecrets = (q: Queryable, merged: MergedConfig) => Promise<void>;

export interface Binding {
  choice: IdentityChoice;
  /** Default: secrets go wherever the settings say. */
  admitSecrets?: AdmitSecrets | undefined;
  /** Default: every source is admitted. */
  admit?: Admit | undefined;
}

/**
 * Finds or makes the source of a merged config and stores it in the config; null = not runnable. Inside a transaction.
 * Throws TillsyncError identity_change_needs_choice, source_identity_taken, source_has_active_config.
 */
export async function bindSource(q: Queryable, merged: MergedConfig, binding: Binding): Promise<string | null> {
  const { config } = merged;
  await binding.admitSecrets?.(q, merged);
  const sourceId = await settleSource(q, merged, binding);
  // Before any refusal that would name who reads it.
  if (sourceId !== null) await binding.admit?.(q, sourceId);
  if (sourceId !== null && config.is_active) await refuseSecondConfig(q, config, sourceId);
  if (sourceId !== config.source_id) await setConfigSource(q, config.id, sourceId);
  return sourceId;
}

async function settleSource(q: Queryable, merged: MergedConfig, { choice, admit }: Binding): Promise<string | null> {
  const { config, connector, identity } = merged;
  const current = config.source_id === null ? null : await getSource(q, config.source_id);
  if (current === null) return identity === null ? null : await sourceOfIdentity(q, connector, identity);
  if (identity === null) {
    // An adopted source may wait for its identity; a known identity does not just fade.
    if (current.identity_key === null) return current.id;
    if (choice === 'new-source') return null;
    throw choiceNeeded(config, `would no longer name a catalog (missing: ${merged.missing.join(', ')})`);
  }
  if (current.identity_key === identity.key) return current.id;
  if (choice === 'new-source') return await sourceOfIdentity(q, connector, identity);
  // An adopted source whose identity becomes known takes it without being asked: its rows are what it says.
  if (current.identity_key === null || choice === 'move')
    return await giveIdentity(q, { connector, identity, current, admit });
  throw choiceNeeded(config, `would read ${nameOf(connector, identity.identity)} instead of ${current.name}`);
}

/** The source with this identity, made where it is new. */
export async function sourceOfIdentity(q: Queryable, connector: Connector, identity: SourceIdentity): Promise<string> {
  const name = nameOf(connector, identity.identity);
  return await upsertSourceByIdentity(q, { connectorId: connector.id, name, identity });
}

async function giveIdentity(
  q: Queryable,
  of: { connector: Connector; identity: SourceIdentity; current: Source; admit: Admit | undefined },
): Promise<string> {
  const { connector, identity, current, admit } = of;
  const taken = await findSourceByIdentity(q, identity.key);
  if (taken !== null) {
    await admit?.(q, taken.id);
    throw inputError(
      'source_identity_taken',
      `The source "${taken.name}" (${taken.id}) already holds this catalog, so "${current.name}" cannot become it.`,
      'Use --new-source to read into that source; the rows of the old one stay where they are.',
      { source_id: taken.id },
    );
  }
  // A name that people gave stays; one that only spelled the old identity follows it.
  // Under the lock of the save: no run is under way, and none begins before the new identity stands.
  await lockIdleSources(q, [current.id]);
  // What waits for approval was read from the old catalog.
  if (current.identity_key !== null) await supersedeWaiting(q, { sourceId: current.id, byRunId: null });
  const wasSpelled = current.identity !== null && current.name === nameOf(connector, current.identity);
  const name = wasSpelled ? nameOf(connector, identity.identity) : current.name;
  await setSourceIdentity(q, current.id, { name, identity });
  return current.id;
}

/**
 * At most one active config may feed a source. Of two that are switched on at once the second waits for the first, to
 * name it. Throws TillsyncError source_has_active_config.
 */
export async function refuseSecondConfig(q: Queryable, config: Config, sourceId: string): Promise<void> {
  await lockSourceRow(q, sourceId);
  const other = await readActiveConfig(q, sourceId, config.id);
  if (other === null) return;
  throw new TillsyncError(
    `The config "${other.name}" (${other.id}) already reads this catalog; two configs would overwrite each other.`,
    {
      code: 'source_has_active_config',
      step: 'validation',
      status: 409,
      exitCode: 2,
      effect: 'Nothing was changed.',
      hint: `Use that config, or switch it off first: \`tillsync configs set ${other.id} --disable\`.`,
      facts: { config_id: other.id, source_id: sourceId },
    },
  );
}

function choiceNeeded(config: Config, what: string): TillsyncError {
  return new TillsyncError(`With these settings the config "${config.name}" ${what}.`, {
    code: 'identity_change_needs_choice',
    step: 'validation',
    status: 409,
    exitCode: 2,
    effect: 'Nothing was changed.',
    hint: 'Say --move (the source keeps its rows under the new identity) or --new-source (the old rows stay behind).',
    facts: { config_id: config.id },
  });
}

function nameOf(connector: Connector, identity: Readonly<Record<string, string>>): string {
  return [connector.title, ...Object.values(identity)].join(' ');
}
