// The doctor's rules about row level security: the roles, who may act as them, and the tables that are not under it.
import { quoteName } from '../keys/key-definitions.ts';
import { type Finding, problem } from '../verify/finding.ts';
import type { Catalog } from '../verify/read-catalog.ts';

/** Warnings only: without row level security every save works, and what a caller may see is held by nothing but our code. */
export function findRoleProblems(catalog: Catalog): Finding[] {
  // Before the migration there is nothing to be missed.
  if (!catalog.roles.migrated) return [];
  return [...aboutRoles(catalog), ...aboutTables(catalog)];
}

function aboutRoles({ roles, login, tables }: Catalog): Finding[] {
  const { missing, not_granted, not_owned, unlocked } = roles;
  const owes = [...missing.filter((role) => role !== 'tillsync_reader'), ...not_granted].sort();
  // The worker takes over the item tables of an adopted database with its lock-down only.
  const isOwned = unlocked || not_owned.length === 0;
  if (missing.length === 0 && not_granted.length === 0 && isOwned) return [];
  const what = [
    missing.length > 0 ? `the roles ${missing.join(', ')} are not there` : null,
    not_granted.length > 0 ? `${login} may not act as ${not_granted.join(' and ')}` : null,
    isOwned ? null : `tillsync_worker does not own ${not_owned.join(', ')}`,
  ].filter((part) => part !== null);
  const names = Object.keys(tables).filter((table) => tables[table]?.exists);
  return [
    problem('row_security_missing', null, {
      severity: 'warning',
      message: `Row level security does not hold for tillsync itself: ${what.join('; ')}. Users and keys with a limited scope are refused.`,
      sql: [
        ...missing.map((role) => `create role ${role} nologin;`),
        ...owes.map((role) => `grant ${role} to ${quoteName(login)};`),
        `select tillsync_secure_tables(array[${names.map((name) => `'${name}'`).join(', ')}]);`,
      ].join('\n'),
      examples: [...missing, ...not_granted].slice(0, 5),
    }),
  ];
}

function aboutTables({ roles, tables }: Catalog): Finding[] {
  const bare = Object.keys(tables).filter((table) => tables[table]?.exists && !tables[table].secured);
  const findings: Finding[] = [];
  if (bare.length > 0) {
    findings.push(
      problem('row_security_off', null, {
        severity: 'warning',
        message: `Row level security is off for ${bare.join(', ')}: whoever may read such a table reads the rows of all tenants.`,
        sql: `select tillsync_secure_tables(array[${bare.map((name) => `'${name}'`).join(', ')}]);`,
        examples: bare.slice(0, 5),
      }),
    );
  }
  if (roles.unlocked) {
    findings.push(
      problem('row_security_off', null, {
        severity: 'warning',
        message:
          'The adopted tables keep the policies and grants that they came with, for programs that rely on them. `tillsync migrate --lock-down --dry-run` shows what would be taken away.',
      }),
    );
  }
  return findings;
}
