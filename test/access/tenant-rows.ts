// One row of every table for each of two tenants, and what a caller may do with it: the ground of the row security matrix.
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Claims } from '../../src/db/claims.ts';
import type { Queryable } from '../../src/db/database.ts';

/** Ids of one tenant: a concept with a company with a site, one config and source, one user. */
export interface Tenant {
  name: string;
  concept: number;
  company: number;
  site: number;
  source: string;
  config: string;
  run: string;
  user: string;
  key: string;
}

/** `n` makes the keys of a further row of the same tenant. */
export type MakeRow = (t: Tenant, n: number) => Record<string, unknown>;

/** What a caller may do with rows at places in scope (or of its own); a letter each: Select, Insert, Update, Delete. */
export interface TableRule {
  row: MakeRow;
  own: string;
  /** With rows of other tenants; default: nothing. */
  foreign?: string;
}

export const tenants: readonly Tenant[] = ['Ada', 'Bert'].map((name, i) => ({
  name,
  concept: 100 + i,
  company: 200 + i,
  site: 300 + i,
  source: id(`source ${i}`),
  config: id(`config ${i}`),
  run: id(`run ${i}`),
  user: id(`user ${i}`),
  key: id(`key ${i}`),
}));

/** A uuid that is the same at every run of the tests. */
export function id(name: string): string {
  return createHash('md5')
    .update(name)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Claims of a tenant at its concept; `all` = without limits. */
export function claimsOf(tenant: Tenant, level: 'concept' | 'company' | 'site' | 'all' = 'concept'): Claims {
  const at = (wanted: string, place: number) => (level === wanted ? [String(place)] : []);
  return {
    who: `user:${tenant.name}`,
    id: tenant.user,
    address: null,
    requestId: null,
    scope: {
      all: level === 'all',
      concepts: at('concept', tenant.concept),
      companies: at('company', tenant.company),
      sites: at('site', tenant.site),
    },
  };
}

const now = '2026-01-01T00:00:00Z';
const fresh = (t: Tenant, what: string, n: number) => id(`${what} ${t.name} ${n}`);
const hash = (t: Tenant, what: string, n: number) => createHash('sha256').update(`${what} ${t.name} ${n}`).digest();
const item: MakeRow = (t, n) => ({
  id: fresh(t, 'item', n),
  source_id: t.source,
  wand_source_id: t.source,
  external_id: `i${n}`,
  site_id: t.site,
});
const ofRun: MakeRow = (t, n) => ({ wand_source_id: t.source, run_id: n === 0 ? t.run : fresh(t, 'run', n) });
const ofUser: MakeRow = (t, n) => ({ id: fresh(t, 'of user', n), user_id: t.user });
const plain = (row: MakeRow): TableRule => ({ row, own: 'SIUD' });
const system = (row: MakeRow): TableRule => ({ row, own: '' });

/** Every table of a migrated database. Ordered as they must be filled. */
export const tableRules: Readonly<Record<string, TableRule>> = {
  concepts: { row: (t, n) => ({ id: t.concept + 1000 * n, name: t.name }), own: 'SUD' },
  companies: plain((t, n) => ({ id: t.company + 1000 * n, concept_id: t.concept, name: t.name })),
  stores: plain((t, n) => ({ id: t.site + 1000 * n, company_id: t.company, name: t.name })),
  wand_integration_sources: {
    row: (t, n) => ({
      id: n === 0 ? t.source : fresh(t, 'source', n),
      name: t.name,
      integration_type: 'qu',
      identity_key: `${t.name} ${n}`,
    }),
    own: 'S',
  },
  integration_source_configs: plain((t, n) => ({
    id: n === 0 ? t.config : fresh(t, 'config', n),
    config_name: t.name,
    connector_id: 'qu',
    application_level: 'site',
    site_id: t.site,
    is_active: n === 0,
    wand_source_id: t.source,
  })),
  integration_products: plain(item),
  integration_modifiers: plain(item),
  integration_discounts: plain(item),
  integration_item_locations: plain((t, n) => ({
    wand_source_id: t.source,
    kind: 'products',
    external_id: 'i',
    location_id: `l${n}`,
    site_id: t.site,
    present: true,
  })),
  integration_site_locations: plain((t, n) => ({
    wand_source_id: t.source,
    location_id: `l${n}`,
    site_id: t.site,
  })),
  integration_sync_history: plain((t, n) => ({
    id: n === 0 ? t.run : fresh(t, 'run', n),
    wand_source_id: t.source,
    source_config_id: t.config,
    // One that set something aside, so that its rejects are listed.
    status: 'partial',
  })),
  integration_sync_state: plain((t, n) => ({ wand_source_id: t.source, generation: n })),
  integration_sync_log: plain((t, n) => ({
    ...ofRun(t, n),
    seq: n,
    at: now,
    level: 'info',
    event: 'end',
    message: 'x',
  })),
  integration_sync_hints: plain((t, n) => ({
    source_config_id: fresh(t, 'hint', n),
    wand_source_id: t.source,
    first_at: now,
    last_at: now,
    due_at: now,
  })),
  integration_item_changes: plain((t, n) => ({
    ...ofRun(t, n),
    kind: 'products',
    external_id: 'i',
    operation: 'created',
    created_at: now,
  })),
  integration_rejected_items: plain((t, n) => ({
    ...ofRun(t, n),
    seq: n,
    kind: 'products',
    reason: 'x',
    message: 'x',
    created_at: now,
  })),
  integration_duplicate_items: plain((t, n) => ({
    ...ofRun(t, n),
    kind: 'products',
    external_id: 'i',
    copies: 2,
    identical: true,
    created_at: now,
  })),
  integration_items_archive: plain((t, n) => ({
    id: fresh(t, 'archive', n),
    kind: 'products',
    reason: 'x',
    wand_source_id: t.source,
    item: '{}',
  })),
  integration_payloads: plain((t, n) => ({
    wand_source_id: t.source,
    id: fresh(t, 'payload', n),
    content_hash: hash(t, 'payload', n),
    raw_bytes: 1,
    stored_bytes: 1,
    chunks: 1,
  })),
  integration_payload_chunks: plain((t, n) => ({
    wand_source_id: t.source,
    payload_id: fresh(t, 'payload', n),
    seq: 0,
    bytes: gzipSync(hash(t, 'x', n)),
  })),
  integration_run_payloads: plain((t, n) => ({
    ...ofRun(t, n),
    page: n,
    payload_id: fresh(t, 'payload', 0),
    fetched_at: now,
  })),
  integration_upkeep: { row: (t, n) => ({ chore: `${t.name} ${n}`, worker: 'w', done: '{}' }), own: '' },
  integration_workers: { row: (t, n) => ({ worker: `${t.name} ${n}`, slots: 1 }), own: 'S', foreign: 'S' },
  integration_connectors: {
    row: (t, n) => ({ id: `${t.name}-${n}`, title: t.name, recipe: 'x', version: 1 }),
    own: 'S',
    foreign: 'S',
  },
  integration_rate_budgets: system((t, n) => ({
    origin: 'https://pos.example',
    credential: hash(t, 'budget', n),
    used_until: now,
    turn_at: now,
    granted: true,
  })),
  integration_upstream_hosts: system((t, n) => ({ host: `${t.name}-${n}.example` })),
  integration_access_tokens: system((t, n) => ({ config_id: t.config, origin: `https://${n}.example` })),
  integration_token_attempts: system((t, n) => ({
    config_id: t.config,
    origin: `https://${n}.example`,
    started_at: now,
    grant_encrypted: 'v1.x',
  })),
  integration_webhook_endpoints: system((t, n) => ({ id: fresh(t, 'endpoint', n), connector_id: 'square' })),
  integration_webhook_events: system((t, n) => ({
    endpoint_id: fresh(t, 'endpoint', 0),
    event_id: `e${n}`,
    expires_at: now,
  })),
  integration_idempotency_keys: plain((t, n) => ({
    scope: t.user,
    key_hash: hash(t, 'idempotency', n),
    fingerprint: hash(t, 'body', n),
    claim: fresh(t, 'claim', n),
  })),
  integration_api_keys: {
    row: (t, n) => ({
      id: n === 0 ? t.key : fresh(t, 'key', n),
      name: t.name,
      prefix: 'ts_',
      key_hash: hash(t, 'key', n),
      level: 'site',
      level_id: t.site,
    }),
    own: 'S',
  },
  integration_users: {
    row: (t, n) => ({ id: n === 0 ? t.user : fresh(t, 'user', n), email: `${t.name}${n}@example.com`, name: t.name }),
    own: 'S',
  },
  integration_user_roles: {
    row: (t, n) => ({ ...ofUser(t, n), role: 'viewer', level: 'company', level_id: t.company + 1000 * n }),
    own: 'S',
  },
  integration_recovery_codes: plain((t, n) => ({ ...ofUser(t, n), code_hash: hash(t, 'code', n) })),
  integration_sessions: {
    row: (t, n) => ({ ...ofUser(t, n), token_hash: hash(t, 'session', n), expires_at: now }),
    own: 'SUD',
  },
  integration_sign_in_links: system((t, n) => ({
    ...ofUser(t, n),
    purpose: 'invitation',
    token_hash: hash(t, 'link', n),
    expires_at: now,
  })),
  integration_sign_in_delays: system((t, n) => ({
    kind: 'account',
    subject_hash: hash(t, 'delay', n),
    last_failed_at: now,
    next_allowed_at: now,
  })),
  integration_audit_log: {
    row: (t, n) => ({ id: fresh(t, 'audit', n), actor: `user:${t.name}`, action: 'x.y', site_id: t.site }),
    own: 'SI',
  },
  tillsync_migrations: system((t, n) => ({ name: `${t.name} ${n}`, checksum: 'x' })),
};

/** Inserts a row and returns how many were; as whatever role and caller the connection has. */
export async function insertRow(q: Queryable, table: string, row: Record<string, unknown>): Promise<number> {
  const columns = Object.keys(row);
  const marks = columns.map((_, i) => `$${i + 1}`);
  const { rowCount } = await q.query(
    `insert into ${table} (${columns.join(', ')}) values (${marks.join(', ')})`,
    Object.values(row),
  );
  return rowCount;
}

/** Fills every table with one row of each tenant; returns table → tenant's name → the row's ctid. */
export async function fillTables(owner: Queryable): Promise<Map<string, Map<string, string>>> {
  const places = new Map<string, Map<string, string>>();
  for (const [table, { row }] of Object.entries(tableRules)) {
    const ofTable = new Map<string, string>();
    for (const tenant of tenants) {
      const seen = await owner.query<{ at: string }>(`select ctid::text as at from ${table}`);
      await insertRow(owner, table, row(tenant, 0));
      const { rows } = await owner.query<{ at: string }>(
        `select ctid::text as at from ${table} where ctid::text <> all ($1)`,
        [seen.rows.map(({ at }) => at)],
      );
      ofTable.set(tenant.name, rows[0]!.at);
    }
    places.set(table, ofTable);
  }
  return places;
}
