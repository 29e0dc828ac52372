// Roles as callers send them: only at places that exist.
import type { Queryable } from '../../../db/database.ts';
import { inputError, TillsyncError } from '../../../errors.ts';
import { listHierarchy } from '../../../records/hierarchy/read-hierarchy.ts';
import type { RoleAt } from '../../../records/people/user-roles.ts';

/** The roles without repetitions. Throws TillsyncError role_invalid, role_place_unknown. */
export async function checkedRoles(q: Queryable, roles: readonly RoleAt[]): Promise<RoleAt[]> {
  const found = new Map<string, RoleAt>();
  for (const { role, level, level_id: levelId } of roles) {
    const isPlaced = level === 'all' ? levelId === null : Number.isSafeInteger(levelId) && Number(levelId) > 0;
    if (!isPlaced) {
      throw inputError(
        'role_invalid',
        'A role is for all, or for one concept, company or site by its id.',
        'For example {"role":"operator","level":"site","level_id":4}.',
      );
    }
    if (level !== 'all') await requirePlace(q, level, Number(levelId));
    found.set(`${role} ${level} ${levelId}`, { role, level, level_id: levelId });
  }
  return [...found.values()];
}

async function requirePlace(q: Queryable, level: 'concept' | 'company' | 'site', id: number): Promise<void> {
  const { data } = await listHierarchy(q, level, { id });
  if (data.length > 0) return;
  throw new TillsyncError(`There is no ${level} ${id}.`, {
    code: 'role_place_unknown',
    step: 'validation',
    effect: 'Nothing was changed.',
    hint: 'See what there is with `tillsync concepts list`, `companies list` and `sites list`.',
    exitCode: 2,
  });
}
