// The words of access: what may be permitted, which role permits what, and where.
import type { Scope } from '../db/claims.ts';

/**
 * What a route or a verb asks for. 'public': nothing. 'self': somebody who is signed in, about themselves. 'read', 'sync'
 * and 'admin': that access at the place in question. 'system': admin access everywhere.
 */
export type Permission = 'public' | 'self' | 'read' | 'sync' | 'admin' | 'system';

/** What a key may do, and each role: viewer = read, operator = sync (which reads, too), admin = everything. */
export type Access = 'read' | 'sync' | 'admin';
export type Role = 'viewer' | 'operator' | 'admin';
export type Level = 'all' | 'concept' | 'company' | 'site';

export const accessOfRole: Readonly<Record<Role, Access>> = { viewer: 'read', operator: 'sync', admin: 'admin' };

/** One access at one place and below it. */
export interface Grant {
  access: Access;
  level: Level;
  /** Of the concept, company or site; null at level 'all'. */
  levelId: string | null;
}

const rank: Readonly<Record<Access, number>> = { read: 0, sync: 1, admin: 2 };

/** Where these grants permit it; null = nowhere. */
export function scopeFor(permission: Permission, grants: readonly Grant[]): Scope | null {
  if (permission === 'public' || permission === 'self') return { all: false, concepts: [], companies: [], sites: [] };
  const needed: Access = permission === 'system' ? 'admin' : permission;
  const enough = grants.filter(({ access, level }) => {
    return rank[access] >= rank[needed] && (permission !== 'system' || level === 'all');
  });
  if (enough.length === 0) return null;
  const at = (level: Level) => enough.filter((grant) => grant.level === level).flatMap(({ levelId }) => levelId ?? []);
  return {
    all: enough.some(({ level }) => level === 'all'),
    concepts: at('concept'),
    companies: at('company'),
    sites: at('site'),
  };
}
