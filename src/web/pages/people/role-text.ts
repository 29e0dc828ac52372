// A role in words: what, and where.
import type { User } from '../../api-types.ts';
import type { Words } from '../../words/en.ts';

export function roleText({ role, level, level_id }: User['roles'][number], words: Words): string {
  const name = words.people.roleNames[role];
  return level === 'all' ? name : `${name} (${words.levels[level]} ${level_id ?? ''})`;
}
