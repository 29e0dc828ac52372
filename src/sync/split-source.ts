// Splits a source: the items of one config move to the source of that config's own identity.
import { inputError, type TillsyncError } from '../errors.ts';
import { appendAudit } from '../records/audit/append-audit.ts';
import { lockConfig, setConfigSource } from '../records/configs/write-configs.ts';
import { type MovedItems, moveItems, moveSiteMap } from '../records/items/move-items.ts';
import { getSource } from '../records/sources/read-sources.ts';
import { inheritAdoption, settleRows } from '../records/sources/split-state.ts';
import { placeOfConfig } from './audit/audit-config.ts';
import { refuseSecondConfig, sourceOfIdentity } from './configs/bind-source.ts';
import { lockIdleSources } from './configs/lock-idle-sources.ts';
import { configUnknown, mergeLevels } from './configs/merge-levels.ts';
import type { Deps } from './deps.ts';

export interface SplitResult extends MovedItems {
  source_id: string;
  /** The source that the config has now. */
  target_source_id: string;
  /** Locations that are known to be a site there now, too. */
  site_locations: number;
}

/**
 * Moves what a config wrote into `sourceId` to the config's own source, and binds the config to it, in one transaction.
 * Throws TillsyncError source_unknown, config_unknown, config_identity_unknown, split_same_source,
 * source_has_active_config, source_busy.
 */
export async function splitSource(
  deps: Pick<Deps, 'database' | 'connectors' | 'log'>,
  of: { sourceId: string; configId: string; requestedBy: string },
): Promise<SplitResult> {
  const result = await deps.database.transaction(
    async (q) => {
      const source = await getSource(q, of.sourceId);
      if (source === null) throw sourceUnknown(of.sourceId);
      const { config, connector, identity, missing } = await mergeLevels(q, deps, of.configId);
      if (!(await lockConfig(q, config.id))) throw configUnknown(config.id);
      if (identity === null) {
        throw inputError(
          'config_identity_unknown',
          `The config "${config.name}" does not say which catalog it reads (missing: ${missing.join(', ')}).`,
          `Set it first with \`tillsync configs set ${config.id} --param name=value\`.`,
        );
      }
      if (source.identity_key === identity.key) {
        throw inputError(
          'split_same_source',
          `"${source.name}" is the config's own source, so there is nothing to split off.`,
          'Split off the config that reads another catalog.',
        );
      }
      const target = await sourceOfIdentity(q, connector, identity);
      await lockIdleSources(q, [source.id, target]);
      if (config.is_active) await refuseSecondConfig(q, config, target);
      await settleRows(q, [source.id, target]);
      const moved = await moveItems(q, { fromSourceId: source.id, toSourceId: target, configId: config.id });
      const siteLocations = await moveSiteMap(q, { fromSourceId: source.id, toSourceId: target });
      await inheritAdoption(q, { fromSourceId: source.id, toSourceId: target });
      await setConfigSource(q, config.id, target);
      await appendAudit(q, {
        action: 'source.split',
        actor: of.requestedBy,
        subject: { type: 'source', id: source.id, name: source.name },
        place: { ...placeOfConfig(config), sourceId: source.id },
        before: { config_id: config.id, source_id: config.source_id },
        after: { config_id: config.id, source_id: target, moved: moved.moved },
      });
      return { source_id: source.id, target_source_id: target, ...moved, site_locations: siteLocations };
    },
    { ownWrites: true },
  );
  deps.log.info({ ...of, target: result.target_source_id, moved: result.moved }, 'a source was split');
  return result;
}

/** The refusal of a source id that no source has. */
export function sourceUnknown(sourceId: string): TillsyncError {
  return inputError('source_unknown', `No source has the id ${sourceId}.`, 'List them with `tillsync sources list`.');
}
