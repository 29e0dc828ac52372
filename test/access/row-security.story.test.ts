// Row level security as PostgreSQL holds it: every table, for every role, tenant and command, and what the catalogs say.
import { beforeAll, describe, expect, test } from 'vitest';
import { type Claims, claimsText, everywhere } from '../../src/db/claims.ts';
import type { Connection, Database } from '../../src/db/database.ts';
import { TillsyncError } from '../../src/errors.ts';
import { freshDatabase, openAgain, superuserUrlOf } from '../support/database.ts';
import { superuserOf } from '../support/superuser.ts';
import { claimsOf, fillTables, insertRow, tableRules, tenants } from './tenant-rows.ts';

const [ada, bert] = tenants as [(typeof tenants)[0], (typeof tenants)[0]];
const commands = ['S', 'I', 'U', 'D'];

let database: Database;
let admin: Database;
let places: Map<string, Map<string, string>>;
let nobody: string;
let url: string;

beforeAll(async () => {
  ({ database, url } = await freshDatabase());
  places = await fillTables(database);
  admin = await openAgain(superuserUrlOf(url), { max: 2 });
  nobody = `nobody_${url.match(/test_(\w+)/)?.[1]}`;
  await admin.query(`create role ${nobody} nologin`);
});

/** What a role with claims can do with the row of a tenant, as letters. */
async function lettersOf(as: { role: string; claims: Claims | null }, table: string, tenant = ada): Promise<string> {
  const at = places.get(table)!.get(tenant.name)!;
  const { rows } = await admin.query<{ column: string }>(
    `select attname as column from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum limit 1`,
    [table],
  );
  const column = rows[0]!.column;
  const tries: Record<string, (q: Connection) => Promise<number>> = {
    S: async (q) => {
      // Who may read some columns only may not read where a row lies.
      if (as.role !== 'tillsync_reader') {
        return (await q.query(`select ${column} from ${table} where ctid = $1::tid`, [at])).rowCount;
      }
      const own = tableRules[table]!.row(tenant, 0)[column];
      return (await q.query(`select ${column} from ${table} where ${column} = $1`, [own])).rowCount;
    },
    I: async (q) => {
      // One of a kind per source, or per site: a second row could not stand beside the first.
      const isSingle = table === 'integration_sync_state' || table === 'integration_site_locations';
      if (isSingle) await asOwner(q, `delete from ${table} where ctid = '${at}'`, as.role);
      return await insertRow(q, table, tableRules[table]!.row(tenant, 1));
    },
    U: async (q) => (await q.query(`update ${table} set ${column} = ${column} where ctid = $1::tid`, [at])).rowCount,
    D: async (q) => (await q.query(`delete from ${table} where ctid = $1::tid`, [at])).rowCount,
  };
  let letters = '';
  for (const command of commands) if (await attempt(as, tries[command]!)) letters += command;
  return letters;
}

async function asOwner(q: Connection, statement: string, role: string): Promise<void> {
  await q.query(`set local role none`);
  await q.query(statement);
  await q.query(`set local role ${role}`);
}

/** Whether it did something. Refused by PostgreSQL (42501) counts as not; any other error is one of the test. */
async function attempt(
  as: { role: string; claims: Claims | null },
  work: (q: Connection) => Promise<number>,
): Promise<boolean> {
  // An error of ours: after the rollback its connection goes on, and need not learn all tables anew for each attempt.
  const undo = new TillsyncError('undo', { code: 'undo', step: 'save', hint: 'None.' });
  let done = false;
  try {
    await admin.transaction(async (q) => {
      await q.query(`select set_config('role', $1, true), set_config('tillsync.claims', $2, true)`, [
        as.role,
        as.claims === null ? '' : claimsText(as.claims),
      ]);
      done = (await work(q)) > 0;
      throw undo;
    });
  } catch (error) {
    const refused = error instanceof TillsyncError && error.facts.sqlstate === '42501';
    if (error !== undo && !refused) throw error;
  }
  return done;
}

async function matrix(as: { role: string; claims: Claims | null }, tenant = ada): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const table of Object.keys(tableRules)) found[table] = await lettersOf(as, table, tenant);
  return found;
}

const expected = (letters: (table: string) => string) =>
  Object.fromEntries(Object.keys(tableRules).map((table) => [table, letters(table)]));

const ownTables = `select c.relname::text as name from pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') order by 1`;

describe('every table × role × tenant × command', () => {
  test('S16: the matrix has a row for every table of the catalog', async () => {
    const { rows } = await admin.query<{ name: string }>(ownTables);
    expect(rows.map(({ name }) => name)).toEqual(Object.keys(tableRules).sort());
  });

  test('S16: a caller does with rows of its own tenant what the table allows', async () => {
    expect(await matrix({ role: 'tillsync_app', claims: claimsOf(ada) })).toEqual(
      expected((table) => tableRules[table]!.own),
    );
  });

  test('S16: a caller does nothing with rows of another tenant, and does not see that they exist', async () => {
    expect(await matrix({ role: 'tillsync_app', claims: claimsOf(bert) }, ada)).toEqual(
      expected((table) => tableRules[table]!.foreign ?? ''),
    );
  });

  test('S17: without claims there are no rows, and none can be written', async () => {
    expect(await matrix({ role: 'tillsync_app', claims: null })).toEqual(expected(() => ''));
  });

  test('S16: a caller without limits does everything but rewrite what was done', async () => {
    const all = { ...claimsOf(ada), who: 'user:Ada', scope: everywhere };
    expect(await matrix({ role: 'tillsync_app', claims: all })).toEqual(
      expected((table) => ({ integration_audit_log: 'SI', tillsync_migrations: 'S' })[table] ?? 'SIUD'),
    );
  });

  test('S16: the worker serves all tenants, and rewrites neither the audit log nor the journal', async () => {
    expect(await matrix({ role: 'tillsync_worker', claims: null })).toEqual(
      expected((table) => ({ integration_audit_log: 'SI', tillsync_migrations: 'S' })[table] ?? 'SIUD'),
    );
  });

  test('S51: the reader reads the menu and nothing else', async () => {
    const readable = [
      'integration_products',
      'integration_modifiers',
      'integration_discounts',
      'integration_item_locations',
      'integration_site_locations',
      'integration_sync_state',
      'wand_integration_sources',
      'concepts',
      'companies',
      'stores',
    ];
    expect(await matrix({ role: 'tillsync_reader', claims: null })).toEqual(
      expected((table) => (readable.includes(table) ? 'S' : '')),
    );
  });

  test('S16: a role that was granted nothing can do nothing, whatever it claims', async () => {
    const all = { ...claimsOf(ada), scope: everywhere };
    expect(await matrix({ role: nobody, claims: all })).toEqual(expected(() => ''));
  });
});

describe('a scope', () => {
  const seen = async (claims: Claims, table: string, column = 'id') =>
    (await database.as(claims).query<{ id: string }>(`select ${column}::text as id from ${table} order by 1`)).rows.map(
      (row) => row.id,
    );

  test('S20: of a company covers its sites and sources, and not the concept above', async () => {
    const claims = claimsOf(ada, 'company');
    expect(await seen(claims, 'concepts')).toEqual([]);
    expect(await seen(claims, 'companies')).toEqual([String(ada.company)]);
    expect(await seen(claims, 'stores')).toEqual([String(ada.site)]);
    expect(await seen(claims, 'wand_integration_sources')).toEqual([ada.source]);
    expect(await seen(claims, 'integration_products_current', 'wand_source_id')).toEqual([ada.source]);
  });

  test('S20: of a site covers what is there, and nothing above', async () => {
    const claims = claimsOf(ada, 'site');
    expect(await seen(claims, 'companies')).toEqual([]);
    expect(await seen(claims, 'stores')).toEqual([String(ada.site)]);
    expect(await seen(claims, 'integration_source_configs')).toEqual([ada.config]);
    expect(await seen(claims, 'integration_sync_history')).toEqual([ada.run]);
  });

  test('S20: that is moved counts from the next statement on', async () => {
    const claims = claimsOf(bert, 'company');
    expect(await seen(claims, 'integration_sync_history')).toEqual([bert.run]);
    await database.query('update stores set company_id = $1 where id = $2', [ada.company, bert.site]);
    expect(await seen(claims, 'integration_sync_history')).toEqual([]);
    await database.query('update stores set company_id = $1 where id = $2', [bert.company, bert.site]);
  });

  test('S16: is refused where the login may not act as the role, instead of being forgotten', async () => {
    await admin.query(`create role ${nobody}_login login`);
    await admin.query(`grant select on concepts to ${nobody}_login`);
    const other = await openAgain(url.replace('//tillsync@', `//${nobody}_login@`));
    await expect(other.as(claimsOf(ada)).query('select from concepts')).rejects.toThrow(
      'The database cannot keep this caller inside its scope: the login may not act as tillsync_app.',
    );
  });

  test('S17: 1,000 interleaved requests of two tenants over two connections never see each other’s rows', async () => {
    const pool = await openAgain(url, { max: 2 });
    const wrong: unknown[] = [];
    const ask = async (i: number) => {
      const tenant = i % 2 === 0 ? ada : bert;
      const level = (['concept', 'company', 'site'] as const)[i % 3]!;
      const { rows } = await pool
        .as(claimsOf(tenant, level))
        .query<{ source: string; role: string }>(
          'select wand_source_id as source, current_user as role from integration_products',
        );
      if (rows.length !== 1 || rows[0]?.source !== tenant.source || rows[0].role !== 'tillsync_app') wrong.push(rows);
    };
    // Ten wait at any time, so that each connection goes from one tenant to the other.
    await Promise.all(
      Array.from({ length: 10 }, async (_, line) => {
        for (let i = 0; i < 100; i++) await ask(line + 10 * i + i);
      }),
    );
    expect(wrong).toEqual([]);
    const { rows } = await pool.query<{ role: string; claims: string | null }>(
      `select current_user as role, nullif(current_setting('tillsync.claims', true), '') as claims`,
    );
    expect(rows).toEqual([{ role: 'tillsync', claims: null }]);
  });

  test('S19: a key of another tenant cannot be asked for: the rules refuse before a unique key says 23505', async () => {
    const claims = claimsOf(bert);
    const tried: Record<string, string | undefined> = {};
    for (const table of Object.keys(tableRules)) {
      const outcome = await database
        .as(claims)
        .transaction((q) => insertRow(q, table, tableRules[table]!.row(ada, 0)))
        .catch((error: TillsyncError) => error.facts.sqlstate);
      tried[table] = String(outcome);
    }
    expect(tried).toEqual(expected(() => '42501'));
  });

  test('S19: an upsert over a row of another tenant is refused', async () => {
    const upsert = database.as(claimsOf(bert)).query(
      `insert into integration_products (wand_source_id, source_id, external_id) values ($1, $1, 'i0')
       on conflict (wand_source_id, external_id) do update set name = 'mine'`,
      [ada.source],
    );
    await expect(upsert).rejects.toMatchObject({ facts: { sqlstate: '42501' } });
  });

  test('S17: is no wider than its text says when the text is broken', async () => {
    const see = (scope: object) =>
      attempt(
        {
          role: 'tillsync_app',
          claims: { ...claimsOf(ada), scope: { ...claimsOf(ada).scope, concepts: [], ...scope } } as Claims,
        },
        async (q) => (await q.query('select from stores')).rowCount,
      );
    expect(await see({ all: 'true' })).toBe(false);
    expect(await see({ all: 1 })).toBe(false);
    await expect(see({ sites: ['1 or 1=1'] })).rejects.toThrow();
  });
});

describe('the catalogs say', () => {
  test('S51: the queue, which holds the jobs of all tenants, is for the engine only', async () => {
    const { rows } = await admin.query<{ role: string; may: boolean }>(
      `select r as role, has_schema_privilege(r, 'tillsync_jobs', 'usage') as may
         from unnest('{tillsync_app,tillsync_reader,tillsync_worker}'::text[]) r order by 1`,
    );
    expect(rows.map(({ role, may }) => [role, may])).toEqual([
      ['tillsync_app', false],
      ['tillsync_reader', false],
      ['tillsync_worker', true],
    ]);
  });

  const ask = async <Row>(statement: string) => await superuserOf<Row>(url, statement);

  test('S16: every table is under row level security, and forced but for the item tables, which the worker owns', async () => {
    const rows = await ask<{ name: string; on: boolean; forced: boolean; owner: string }>(
      `select relname::text as name, relrowsecurity as on, relforcerowsecurity as forced, relowner::regrole::text as owner
         from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`,
    );
    expect(rows.filter(({ on }) => !on)).toEqual([]);
    expect(
      rows
        .filter(({ forced }) => !forced)
        .map(({ name, owner }) => [name, owner])
        .sort(),
    ).toEqual([
      ['integration_discounts', 'tillsync_worker'],
      ['integration_modifiers', 'tillsync_worker'],
      ['integration_products', 'tillsync_worker'],
    ]);
    expect(rows.filter(({ owner }) => owner === 'tillsync_app' || owner === 'tillsync_reader')).toEqual([]);
  });

  test('S51: the roles cannot log in, are no superusers, lift no rules and make nothing', async () => {
    const rows = await ask<{ name: string }>(
      `select rolname::text as name, rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolcanlogin or rolreplication
              or has_schema_privilege(oid, 'public', 'create') or has_database_privilege(oid, current_database(), 'create') as too_much
         from pg_roles where rolname in ('tillsync_app', 'tillsync_reader', 'tillsync_worker') order by 1`,
    );
    expect(rows).toEqual(
      ['tillsync_app', 'tillsync_reader', 'tillsync_worker'].map((name) => ({ name, too_much: false })),
    );
  });

  test('S16: no policy of callers is true for everybody, and each that writes checks what it writes', async () => {
    const open = await ask(
      `select tablename, policyname from pg_policies where schemaname = 'public'
         and not roles <@ '{tillsync_worker,tillsync_reader,tillsync}' and (qual = 'true' or with_check = 'true')`,
    );
    expect(open).toEqual([]);
    const unchecked = await ask(
      `select tablename, policyname from pg_policies where schemaname = 'public' and cmd in ('INSERT', 'UPDATE', 'ALL') and with_check is null`,
    );
    expect(unchecked).toEqual([]);
  });

  test('S18: views run as whoever asks', async () => {
    const views = await ask<{ options: string[] | null }>(
      `select relname, reloptions as options from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')`,
    );
    expect(views.length).toBeGreaterThan(0);
    expect(views.filter(({ options }) => !options?.includes('security_invoker=true'))).toEqual([]);
  });

  test('S18: functions that run as their owner are few, look in fixed schemas, belong to no superuser and are not for everybody', async () => {
    const functions = await ask<{ name: string; path: string[]; owner: string; everybody: boolean }>(
      `select p.proname::text as name, p.proconfig as path, p.proowner::regrole::text as owner,
              exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee = 0) as everybody
         from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prosecdef order by 1`,
    );
    expect(functions.map(({ name, owner }) => [name, owner])).toEqual([
      ['tillsync_company_ids', 'tillsync_worker'],
      ['tillsync_config_ids', 'tillsync_worker'],
      // Only the owner of the log may make it forget.
      ['tillsync_delete_old_audit', 'tillsync'],
      ['tillsync_site_ids', 'tillsync_worker'],
      ['tillsync_source_ids', 'tillsync_worker'],
    ]);
    for (const { path, everybody } of functions) {
      expect(path).toEqual([expect.stringMatching(/^search_path=(pg_catalog, )?public, pg_temp$/)]);
      expect(everybody).toBe(false);
    }
  });

  test('S18: what makes the rules looks in fixed schemas, too, however often it was replaced', async () => {
    const loose = await ask<{ name: string }>(
      `select p.proname::text as name from pg_proc p
        where p.pronamespace = 'public'::regnamespace and p.proconfig is null and p.proname like 'tillsync%'
          and (p.proname ~ '(rule|secure|readable|readers|give_to|open_queue|claim|_all$|_ids$)') order by 1`,
    );
    expect(loose).toEqual([]);
  });

  test('S19: a unique key of rows of tenants contains the tenant, or is an id that nobody can guess', async () => {
    const keys = await ask<{ key: string }>(
      `select c.relname || ': ' || string_agg(a.attname, ', ' order by k.n) as key
         from pg_index i join pg_class c on c.oid = i.indrelid
         cross join unnest(i.indkey::int2[]) with ordinality k (attnum, n)
         join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
        where i.indisunique and c.relnamespace = 'public'::regnamespace and k.n <= i.indnkeyatts
          and exists (select from pg_attribute s where s.attrelid = c.oid and s.attname = 'wand_source_id')
        group by c.relname, i.indexrelid
       having not 'wand_source_id' = any (array_agg(a.attname)) and array_agg(a.attname) <> '{id}' order by 1`,
    );
    expect(keys.map(({ key }) => key)).toEqual([
      'integration_products: source_id, external_id',
      // The config is a tenant's own.
      'integration_sync_hints: source_config_id',
    ]);
  });
});
