// Removes a config: its source and rows stay, and the configs that inherited from it are bound again.
import type { Config } from '../../records/configs/config.ts';
import { getConfig } from '../../records/configs/read-configs.ts';
import { readConfigsBelow } from '../../records/configs/read-levels.ts';
import { deleteConfig, lockConfig } from '../../records/configs/write-configs.ts';
import { supersedeWaiting } from '../../records/runs/holds.ts';
import { auditConfig } from '../audit/audit-config.ts';
import type { Deps } from '../deps.ts';
import { type AdmitSecrets, bindSource } from './bind-source.ts';
import { lockIdleSources } from './lock-idle-sources.ts';
import { configUnknown, mergeLevels } from './merge-levels.ts';

/**
 * Removes a config with its secrets and returns what it was. A plan of its source that waits for approval ends as
 * superseded. Throws TillsyncError config_unknown, source_busy (its source is being synced), and
 * identity_change_needs_choice where a config below lives on its settings.
 */
export async function removeConfig(
  deps: Pick<Deps, 'database' | 'connectors' | 'log'>,
  { admitSecrets, ...of }: { configId: string; requestedBy: string; admitSecrets?: AdmitSecrets },
): Promise<Config> {
  const removed = await deps.database.transaction(async (q) => {
    const config = await getConfig(q, of.configId);
    if (config === null || !(await lockConfig(q, config.id))) throw configUnknown(of.configId);
    if (config.source_id !== null) {
      await lockIdleSources(q, [config.source_id]);
      // Who would approve it has no settings to approve it with.
      if (config.is_active) await supersedeWaiting(q, { sourceId: config.source_id, byRunId: null });
    }
    const below = await readConfigsBelow(q, config);
    await deleteConfig(q, config.id);
    for (const id of below) {
      await lockConfig(q, id);
      await bindSource(q, await mergeLevels(q, deps, id), { choice: null, admitSecrets });
    }
    await auditConfig(q, { before: config, after: null, actor: of.requestedBy });
    return config;
  });
  deps.log.info({ ...of, source_id: removed.source_id }, 'a config was removed');
  return removed;
}
