// Retires a source that nothing reads any more, or deletes it with all its rows.
import type { Kind } from '../../catalog/item.ts';
import { inputError, TillsyncError } from '../../errors.ts';
import { appendAudit } from '../../records/audit/append-audit.ts';
import { getConfig } from '../../records/configs/read-configs.ts';
import { supersedeWaiting } from '../../records/runs/holds.ts';
import { getSource } from '../../records/sources/read-sources.ts';
import { deleteSourceRows, readConfigsOf, retireSourceRows } from '../../records/sources/retire-source.ts';
import { settleRows } from '../../records/sources/split-state.ts';
import { lockSourceRow } from '../../records/sources/write-sources.ts';
import { placeOfConfig } from '../audit/audit-config.ts';
import { lockIdleSources } from '../configs/lock-idle-sources.ts';
import type { Deps } from '../deps.ts';

type Settings = Pick<Deps, 'database' | 'log'>;

export interface RetiredSource {
  source_id: string;
  name: string;
  /** Rows that were marked removed, or deleted. */
  items: Record<Kind, number>;
}

/**
 * Marks the rows of a source removed, and the source retired; a config that reads this catalog again brings both back.
 * Throws TillsyncError source_unknown, source_in_use (an active config reads it), source_busy.
 */
export async function retireSource(
  deps: Settings,
  of: { sourceId: string; requestedBy: string },
): Promise<RetiredSource> {
  return await takeOut(deps, { ...of, deletes: false });
}

/** Deletes a source and its rows for good; runs stay in history. Throws as retireSource does. */
export async function deleteSource(
  deps: Settings,
  of: { sourceId: string; requestedBy: string },
): Promise<RetiredSource> {
  return await takeOut(deps, { ...of, deletes: true });
}

async function takeOut(
  deps: Settings,
  of: { sourceId: string; requestedBy: string; deletes: boolean },
): Promise<RetiredSource> {
  const result = await deps.database.transaction(
    async (q) => {
      const source = await getSource(q, of.sourceId);
      if (source === null) {
        throw inputError(
          'source_unknown',
          `No source has the id ${of.sourceId}.`,
          'List them with `tillsync sources list`.',
        );
      }
      await lockSourceRow(q, source.id);
      const [config] = await readConfigsOf(q, source.id);
      const reader = config === undefined ? null : await getConfig(q, config.id);
      if (config?.is_active) throw inUse(source.name, config);
      await lockIdleSources(q, [source.id]);
      await supersedeWaiting(q, { sourceId: source.id, byRunId: null });
      if (!of.deletes) await settleRows(q, [source.id]);
      const items = await (of.deletes ? deleteSourceRows : retireSourceRows)(q, source.id);
      await appendAudit(q, {
        action: of.deletes ? 'source.deleted' : 'source.retired',
        actor: of.requestedBy,
        subject: { type: 'source', id: source.id, name: source.name },
        // Its config is told apart from it when it is gone.
        place: { ...(reader === null ? {} : placeOfConfig(reader)), sourceId: source.id },
        before: { connector_id: source.connector_id, identity: source.identity, items },
      });
      return { source_id: source.id, name: source.name, items };
    },
    { ownWrites: true },
  );
  deps.log.info({ ...of, items: result.items }, of.deletes ? 'a source was deleted' : 'a source was retired');
  return result;
}

function inUse(name: string, config: { id: string; name: string }): TillsyncError {
  return new TillsyncError(`The config "${config.name}" (${config.id}) still reads the source "${name}".`, {
    code: 'source_in_use',
    step: 'validation',
    status: 409,
    exitCode: 2,
    effect: 'Nothing was changed.',
    hint: `Switch it off first: \`tillsync configs set ${config.id} --disable\`, or \`tillsync configs remove ${config.id}\`.`,
    facts: { config_id: config.id },
  });
}
