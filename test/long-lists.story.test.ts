// Long lists are read by indexes: no page of runs, items or the audit log reads a large table as a whole, whoever asks and by whichever filter.
import { beforeAll, describe, expect, test } from 'vitest';
import { fillDatabase, fleetIds as ids } from '../bench/ui/fill-database.ts';
import type { Scope } from '../src/db/claims.ts';
import type { Database, Queryable } from '../src/db/database.ts';
import { type AuditFilter, listAudit } from '../src/records/audit/read-audit.ts';
import { pageConfigs } from '../src/records/configs/read-configs.ts';
import { writeCursor } from '../src/records/cursor.ts';
import { type ItemFilter, listItems } from '../src/records/items/list/list-items.ts';
import { itemHistory } from '../src/records/items/read-item-history.ts';
import { findItems } from '../src/records/items/read-items.ts';
import { countRunHours } from '../src/records/metrics/count-run-hours.ts';
import { readLevels } from '../src/records/metrics/read-levels.ts';
import { listLog } from '../src/records/run-log/read-log.ts';
import { listChanges } from '../src/records/runs/read-changes.ts';
import { listDuplicates, listRejects } from '../src/records/runs/read-rejects.ts';
import { listRuns, type RunFilter } from '../src/records/runs/read-runs.ts';
import { pageSources } from '../src/records/sources/read-sources.ts';
import { countFailedOfDay, listFailedRuns } from '../src/records/system/failed-runs.ts';
import { listProcesses } from '../src/records/system/list-processes.ts';
import { freshDatabase, openAgain, superuserUrlOf } from './support/database.ts';

const size = { runs: 24_000, items: 30_000, auditEntries: 24_000, sites: 150, largest: 6000 };
const site = 17;
const nowhere = { all: false, concepts: [], companies: [], sites: [] };
const scopes: Readonly<Record<string, Scope>> = {
  everything: { ...nowhere, all: true },
  'a concept of 100 sites': { ...nowhere, concepts: ['1'] },
  'a company of 10 sites': { ...nowhere, companies: ['2'] },
  'one site': { ...nowhere, sites: [String(site)] },
};

let database: Database;
let superuser: Database;

beforeAll(async () => {
  const fresh = await freshDatabase();
  database = fresh.database;
  superuser = await openAgain(superuserUrlOf(fresh.url));
  await fillDatabase(superuser, size, () => undefined);
}, 180_000);

const large = [
  'sync_history',
  'products',
  'modifiers',
  'discounts',
  'item_changes',
  'rejected_items',
  'sync_log',
  'audit_log',
];

/**
 * Large tables that `work` read as a whole, by what the server counts while a transaction goes on: from one end to the other, or
 * more than a third of the entries of an index.
 */
async function wholeReads(
  connection: Queryable,
  scope: Scope,
  work: (q: Queryable) => Promise<unknown>,
): Promise<string[]> {
  const before = await readsOf(connection);
  await work({ scope, query: (text, values) => connection.query(text, values) });
  const after = await readsOf(connection);
  return after
    .filter(({ name, rows, scans, entries }) => {
      const then = before.find((each) => each.name === name);
      // Of most of the fleet's sources a rare run is looked for in most of an index.
      const most = scope.concepts.length > 0 ? Number.POSITIVE_INFINITY : rows / 3;
      return scans !== then?.scans || entries - then.entries > most;
    })
    .map(({ name }) => name);
}

interface Reads {
  name: string;
  rows: number;
  scans: number;
  entries: number;
}

async function readsOf(connection: Queryable): Promise<Reads[]> {
  const { rows } = await connection.query<Reads>(
    `select c.relname as name, c.reltuples::float8 as rows, pg_stat_get_xact_numscans(c.oid)::float8 as scans,
            (select sum(pg_stat_get_xact_tuples_returned(i.indexrelid)) from pg_index i where i.indrelid = c.oid)::float8 as entries
       from pg_class c where c.relname = any(select 'integration_' || unnest($1::text[])) and c.relkind = 'r'`,
    [large],
  );
  return rows;
}

function callerIn(scope: Scope): Database {
  return database.as({ who: 'key:test', id: null, address: null, requestId: null, scope });
}

const since = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
const timeCursor = writeCursor([since(24 * 200).replace('Z', '000Z'), '80000000-0000-4000-8000-000000000000']);
const day = { since: since(24 * 60), until: since(24 * 59) };

const runFilters: Readonly<Record<string, RunFilter>> = {
  all: {},
  'of a config': { configId: ids.config(site) },
  'of a source': { sourceId: ids.source(site) },
  'that failed': { status: 'failed' },
  'that were saved': { status: 'success' },
  'that nobody has': { trigger: 'demo' },
  'by a trigger': { trigger: 'cli' },
  'under way': { active: true },
  'held now': { openHold: true },
  'of a day': day,
  'behind a cursor': { cursor: timeCursor },
  'of a parent': { parentId: ids.run(5) },
};

const itemFilters: Readonly<Record<string, ItemFilter>> = {
  all: {},
  live: { removed: false },
  removed: { removed: true },
  'of a source': { sourceId: ids.source(site), removed: false },
  'of a kind': { kind: 'modifiers' },
  'of an id': { externalId: 'p-7' },
  'named so': { search: 'ramen 1' },
  'named as nothing': { search: 'nobody has this' },
  'behind a cursor': { cursor: writeCursor(['products', ids.source(site), 'p-40', 0, '']) },
};

const auditFilters: Readonly<Record<string, AuditFilter>> = {
  all: {},
  'of a person': { actor: 'user:person7@example.com' },
  'of nobody': { actor: 'nobody' },
  'of an action': { action: 'hold.approved' },
  'of all actions on something': { action: 'key' },
  'of no action': { action: 'vault' },
  'about something': { subject: ids.config(site) },
  'of a day': { from: day.since, to: day.until },
  'behind a cursor': { cursor: timeCursor },
};

/** Each filter and each pair of filters. */
function combined<Filter extends object>(filters: Readonly<Record<string, Filter>>): [string, Filter][] {
  const named = Object.entries(filters);
  const pairs = named.flatMap(([name, filter], at) =>
    named.slice(at + 1).map(([other, more]): [string, Filter] => [`${name} and ${other}`, { ...filter, ...more }]),
  );
  return [...named, ...pairs];
}

async function offenders<Filter extends object>(
  filters: Readonly<Record<string, Filter>>,
  read: (q: Queryable, filter: Filter, scope: Scope) => Promise<unknown>,
  as: (scope: Scope) => Database = callerIn,
): Promise<string[]> {
  const found: string[] = [];
  for (const [who, scope] of Object.entries(scopes)) {
    // Pairs for who may see all of it, and for who may see least.
    const hasPairs = scope.all || scope.sites.length > 0;
    await as(scope).transaction(async (connection) => {
      for (const [name, filter] of hasPairs ? combined(filters) : Object.entries(filters)) {
        const whole = await wholeReads(connection, scope, (q) => read(q, filter, scope));
        if (whole.length > 0) found.push(`${who}, ${name}: ${whole.join(', ')}`);
      }
    });
  }
  return found;
}

const readRuns = (q: Queryable, filter: RunFilter) => listRuns(q, { limit: 50, ...filter });

describe('no large table is read as a whole', () => {
  test('by Sync History and its filters', async () => {
    expect(await offenders(runFilters, readRuns)).toEqual([]);
  });

  test('by the catalog and its filters', async () => {
    const read = (q: Queryable, filter: ItemFilter) => listItems(q, { limit: 50, ...filter }, { perLook: 400 });
    expect(await offenders(itemFilters, read)).toEqual([]);
  });

  test('by the audit log and its filters, which its own statement keeps to the places of the caller', async () => {
    const read = (q: Queryable, filter: AuditFilter, scope: Scope) => listAudit(q, { limit: 50, ...filter }, scope);
    expect(await offenders(auditFilters, read, () => database)).toEqual([]);
  });

  test('by the home page, an item, and what belongs to a run', async () => {
    const [run, source] = [ids.run(19 * 40), ids.source(1 + ((19 * 40 * 7919) % size.sites))];
    const item = { externalId: 'p-7', kind: 'products', sourceId: ids.source(1) } as const;
    const reads: Record<string, (q: Queryable) => Promise<unknown>> = {
      hours: (q) => countRunHours(q, { since: since(24), hours: 24 }),
      configs: (q) => pageConfigs(q, { limit: 100 }),
      'a few sources': (q) => pageSources(q, { limit: 5 }),
      item: (q) => findItems(q, item),
      'item history': (q) => itemHistory(q, item),
      changes: (q) => listChanges(q, run),
      rejects: (q) => listRejects(q, run),
      duplicates: (q) => listDuplicates(q, run),
      log: (q) => listLog(q, { sourceId: source, runId: run }),
    };
    const called = Object.fromEntries(Object.keys(reads).map((name) => [name, { name }]));
    const alone = async (q: Queryable, { name }: { name: string }) => await reads[name]?.(q);
    const found = await offenders(called, alone);
    expect(found).toEqual([]);
  });

  test('by the system page and the diagnostic bundle', async () => {
    const reads: Record<string, (q: Queryable) => Promise<unknown>> = {
      levels: readLevels,
      'failed within a day': countFailedOfDay,
      processes: listProcesses,
      'failed runs with their logs': (q) => listFailedRuns(q, { limit: 200, lines: 20 }),
    };
    const found: string[] = [];
    await database.transaction(async (connection) => {
      for (const [name, read] of Object.entries(reads)) {
        const whole = await wholeReads(connection, scopes.everything as Scope, read);
        if (whole.length > 0) found.push(`${name}: ${whole.join(', ')}`);
      }
    });
    expect(found).toEqual([]);
  });

  test.each<[string, RunFilter]>([
    ['integration_sync_history_by_time', {}],
    ['integration_sync_history_by_config', { configId: ids.config(9999) }],
    ['integration_sync_history_by_parent', { parentId: ids.run(5) }],
    ['integration_sync_history_by_status', { status: 'cancelled', trigger: 'demo' }],
  ])('and where %s is gone, that is found out', async (index, filter) => {
    const scope = scopes.everything as Scope;
    const found = await undone(async (connection) => {
      await connection.query(`drop index ${index}`);
      if (filter.trigger !== undefined) await connection.query('drop index integration_sync_history_by_trigger');
      return await wholeReads(connection, scope, (q) => readRuns(q, filter));
    });
    expect(found).toEqual(['integration_sync_history']);
  });
});

/** What `work` gives; whatever it did is rolled back. */
async function undone<T>(work: (connection: Queryable) => Promise<T>): Promise<T> {
  const given: T[] = [];
  const stop = new Error('rolled back');
  await database
    .transaction(async (connection) => {
      given.push(await work(connection));
      throw stop;
    })
    .catch((error: unknown) => {
      if (error !== stop) throw error;
    });
  return given[0] as T;
}

/** All rows of a list, by its cursors. */
async function walk<Row>(read: (cursor?: string) => Promise<{ data: Row[]; next: string | null }>): Promise<Row[]> {
  const rows: Row[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await read(cursor);
    rows.push(...page.data);
    if (page.next === null) return rows;
    cursor = page.next;
  }
}

const ownSource = (scope: Scope, column: string) =>
  scope.all
    ? 'true'
    : `${column} in (select c.wand_source_id from integration_source_configs c join stores s on s.id = c.site_id
         join companies k on k.id = s.company_id
        where s.id = any('{${scope.sites}}') or k.id = any('{${scope.companies}}') or k.concept_id = any('{${scope.concepts}}'))`;

describe.each(Object.entries(scopes))('the pages of %s', (_, scope) => {
  test('hold each of its runs once, newest first, and no other', async () => {
    const { rows } = await superuser.query<{ id: string }>(
      `select id from integration_sync_history where status = 'partial' and ${ownSource(scope, 'wand_source_id')}
        order by created_at desc, id desc`,
    );
    const read = (cursor?: string) => listRuns(callerIn(scope), { status: 'partial', limit: 7, cursor });
    expect((await walk(read)).map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
  });

  test('hold each of its items once, in their order, also where they are looked through for a name', async () => {
    const { rows } = await superuser.query<{ id: string }>(
      `select id from integration_modifiers where name ilike '%ramen 1%' and ${ownSource(scope, 'wand_source_id')}
        order by wand_source_id, external_id collate "default", path_id`,
    );
    const read = (cursor?: string) =>
      listItems(callerIn(scope), { kind: 'modifiers', search: 'RAMEN 1', limit: 9, cursor }, { perLook: 700 });
    expect((await walk(read)).map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
    const every = (cursor?: string) => listItems(callerIn(scope), { kind: 'discounts', limit: 90, cursor });
    const { rows: discounts } = await superuser.query<{ id: string }>(
      `select id from integration_discounts where ${ownSource(scope, 'wand_source_id')} order by wand_source_id, external_id`,
    );
    expect((await walk(every)).map(({ id }) => id)).toEqual(discounts.map(({ id }) => id));
  });

  test('hold each of its entries of the audit log once, newest first', async () => {
    const place = `site_id = any('{${scope.sites}}') or company_id = any('{${scope.companies}}') or concept_id = any('{${scope.concepts}}')`;
    const { rows } = await superuser.query<{ id: string }>(
      `select id from integration_audit_log where action = 'hold.approved' and (${scope.all ? 'true' : place}) order by at desc, id desc`,
    );
    const read = (cursor?: string) => listAudit(database, { action: 'hold.approved', limit: 300, cursor }, scope);
    expect((await walk(read)).map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
  });
});
