// A new identity may name a catalog that somebody else reads: only who administers all of its configs may join it.
import type { Context } from 'hono';
import type { Queryable } from '../../../db/database.ts';
import { TillsyncError } from '../../../errors.ts';
import { readsElsewhere } from '../../../records/access/places.ts';
import type { ApiEnv } from '../api-given.ts';

/**
 * For addConfig and setConfig, inside their transaction: refuses a source that a config outside of the caller's places
 * reads, or read. Throws TillsyncError not_yours (403).
 */
export function refuseForeignSource(context: Context<ApiEnv>): (q: Queryable, sourceId: string) => Promise<void> {
  const scope = context.get('scope');
  return async (q, sourceId) => {
    if (scope.all || !(await readsElsewhere(q, scope, sourceId))) return;
    throw new TillsyncError('These settings name a catalog that belongs to another place.', {
      code: 'not_yours',
      step: 'auth',
      status: 403,
      effect: 'Nothing was changed.',
      hint: 'Check the settings that name the catalog, or ask who administers both places.',
    });
  };
}
