// Roles as the command takes and tells them: 'viewer', 'operator:site:4'.
import { InvalidArgumentError } from 'commander';
import type { RoleAt } from '../../../records/people/user-roles.ts';

/** The parser of --role, which may be given several times. */
export function role(text: string, before: readonly RoleAt[] = []): RoleAt[] {
  const found = /^(viewer|operator|admin)(?::(concept|company|site):([1-9]\d{0,14}))?$/.exec(text);
  if (found === null) {
    throw new InvalidArgumentError('It must be viewer, operator or admin, or with a place, e.g. operator:site:4.');
  }
  const level = (found[2] ?? 'all') as RoleAt['level'];
  const levelId = found[3] === undefined ? null : Number(found[3]);
  return [...before, { role: found[1] as RoleAt['role'], level, level_id: levelId }];
}

/** e.g. 'admin, viewer of site 4'; '–' for none. */
export function rolesText(roles: readonly RoleAt[]): string {
  if (roles.length === 0) return '–';
  return roles
    .map(({ role: name, level, level_id: id }) => (id === null ? name : `${name} of ${level} ${id}`))
    .join(', ');
}
