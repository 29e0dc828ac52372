// Secrets of a level above serve the configs below, and their admins cannot send them anywhere else.
import type { Context } from 'hono';
import { TillsyncError } from '../../../errors.ts';
import { isPlaceWithin } from '../../../records/access/places.ts';
import type { AdmitSecrets } from '../../../sync/configs/bind-source.ts';
import { mergeLevels } from '../../../sync/configs/merge-levels.ts';
import { reachOf } from '../../../sync/configs/reach.ts';
import type { ApiEnv } from '../api-given.ts';

/**
 * For addConfig and setConfig, inside their transaction: refuses settings that would send a secret, which a config outside
 * of the caller's places holds, to another origin than that config does. Throws TillsyncError not_yours (403).
 */
export function refuseForeignSecrets(context: Context<ApiEnv>): AdmitSecrets {
  const scope = context.get('scope');
  const { deps } = context.get('given');
  return async (q, merged) => {
    const reach = reachOf(merged);
    if (scope.all || reach === null) return;
    const holders = new Set([...merged.sealed.values()].map(({ configId }) => configId));
    for (const id of holders) {
      if (id === merged.config.id) continue;
      const above = await mergeLevels(q, deps, id);
      const { level, [`${level}_id` as const]: levelId } = above.config;
      const place = { level, levelId: levelId === null ? null : String(levelId) };
      if (reachOf(above) !== reach && !(await isPlaceWithin(q, scope, place))) throw notYours();
    }
  };
}

function notYours(): TillsyncError {
  return new TillsyncError(
    'These settings would send secrets of a level above to another address than that level does.',
    {
      code: 'not_yours',
      step: 'auth',
      status: 403,
      effect: 'Nothing was changed.',
      hint: 'Give the config secrets of its own, or ask who administers the level above to set the address.',
    },
  );
}
