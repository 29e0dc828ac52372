// The key doctor before a sync: each key broken in turn, Sync now, the sentence with its SQL, and the repair.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeQu, startFakeQu } from '../src/connectors/qu/fake.ts';
import { keyDefinitions } from '../src/db/keys/key-definitions.ts';
import { fix } from '../src/db/verify/fix.ts';
import { verify } from '../src/db/verify/verify.ts';
import type { Deps } from '../src/sync/deps.ts';
import { saveFormatted } from '../src/sync/save-formatted.ts';
import { addQuConfig, countsText, openEngine, syncNow } from './support/engine.ts';
import { readStored } from './support/stored-rows.ts';
import { superuserOf } from './support/superuser.ts';

let pos: FakeQu;
beforeAll(async () => {
  pos = await startFakeQu({ products: 8, modifiers: 8, discounts: 5, repeated: 1 });
});
afterAll(() => pos.stop());

const nothingNew = 'products +0 ~0 =8 -0, modifiers +0 ~0 =8 -0 duplicates 1, discounts +0 ~0 =5 -0';

async function syncedEngine(): Promise<{ deps: Deps & { url: string }; configId: string; sourceId: string }> {
  const deps = await openEngine();
  const config = await addQuConfig(deps, pos.url);
  expect((await syncNow(deps, config.configId)).status).toBe('success');
  return { deps, ...config };
}

interface Breakage {
  how: string;
  rule: RegExp;
  sql: string[];
  /** Done by the superuser on the catalogs, where no statement of a user can do it. */
  superuser?: string;
}

function breakages({ name, table, columns }: (typeof keyDefinitions)[number]): Breakage[] {
  const drop = `alter table ${table} drop constraint ${name}`;
  const unique = (list: readonly string[]) => `unique nulls not distinct (${list.join(', ')})`;
  return [
    { how: 'dropped', rule: /has no unique constraint|is missing/, sql: [drop] },
    {
      how: 'renamed',
      rule: /has the name renamed_key/,
      sql: [`alter table ${table} rename constraint ${name} to renamed_key`],
    },
    {
      how: 'reordered',
      rule: /in the order/,
      sql: [`${drop}, add constraint ${name} ${unique([...columns].reverse())}`],
    },
    {
      how: 'with NULLS DISTINCT',
      rule: /takes NULLs as distinct/,
      sql: [`${drop}, add constraint ${name} unique (${columns.join(', ')})`],
    },
    {
      how: 'deferrable',
      rule: /is deferrable/,
      sql: [`${drop}, add constraint ${name} ${unique(columns)} deferrable`],
    },
    {
      how: 'partial',
      rule: /holds only where/,
      sql: [
        drop,
        `create unique index ${name} on ${table} (${columns.join(', ')}) nulls not distinct where removed_at is null`,
      ],
    },
    {
      how: 'invalid',
      rule: /is invalid/,
      sql: [],
      superuser: `update pg_index set indisvalid = false where indexrelid = '${name}'::regclass`,
    },
  ];
}

describe('a broken key', () => {
  for (const key of keyDefinitions) {
    it(`F02: ${key.name}, broken in each way, stops Sync now with its sentence and SQL, and --fix mends it`, async () => {
      const { deps, configId, sourceId } = await syncedEngine();
      const before = await readStored(deps.database, sourceId);
      for (const breakage of breakages(key)) {
        for (const statement of breakage.sql) await deps.database.query(statement);
        if (breakage.superuser) await superuserOf(deps.url, breakage.superuser);
        const asked = pos.requests.length;
        const run = await syncNow(deps, configId);
        expect([breakage.how, run.status, run.error?.code]).toEqual([breakage.how, 'failed', 'key_unusable']);
        expect(run.error?.message).toMatch(breakage.rule);
        expect(run.error?.message).toContain(key.table);
        expect(run.error?.message).not.toMatch(/42P10|SQLSTATE/);
        expect(run.error?.sql).toMatch(new RegExp(`^(create unique index|alter table|drop index)[^]*${key.name}`));
        expect([run.counts, run.items_synced, pos.requests.length]).toEqual([null, 0, asked]);
        const saved = await saveFormatted(deps, {
          configId,
          requestedBy: 'test',
          formattedData: { products: [{ id: 1 }] },
        });
        expect([saved.run.status, saved.run.error?.code, saved.stored.products]).toEqual(['failed', 'key_unusable', 0]);
        expect(await readStored(deps.database, sourceId)).toEqual(before);
        expect((await fix(deps.database)).after).toMatchObject({ ok: true, findings: [] });
        expect(countsText(await syncNow(deps, configId))).toBe(nothingNew);
        before.clear();
        for (const [name, row] of await readStored(deps.database, sourceId)) before.set(name, row);
      }
    });
  }

  it('the SQL in the sentence is exact: run as it stands, it mends the key', async () => {
    const { deps, configId } = await syncedEngine();
    for (const key of keyDefinitions) {
      for (const { how, sql } of breakages(key).filter((breakage) => !breakage.superuser)) {
        for (const statement of sql) await deps.database.query(statement);
        const run = await syncNow(deps, configId);
        const statements = (run.error?.sql ?? '').split(';\n').filter((statement) => statement.trim() !== '');
        expect([how, statements.length > 0]).toEqual([how, true]);
        for (const statement of statements) await deps.database.query(statement);
        const { findings } = await verify(deps.database);
        expect([key.name, how, findings.map(({ rule }) => rule)]).toEqual([key.name, how, []]);
      }
    }
    expect(countsText(await syncNow(deps, configId))).toBe(nothingNew);
  });

  it('an extra unique key that can fire stops the run before the fetch, too', async () => {
    const { deps, configId } = await syncedEngine();
    await deps.database.query('create unique index by_price on integration_products (wand_source_id, price, name)');
    const asked = pos.requests.length;
    const run = await syncNow(deps, configId);
    expect(run.error).toMatchObject({ code: 'key_unusable', sql: 'drop index concurrently by_price;' });
    expect(pos.requests.length).toBe(asked);
    expect((await fix(deps.database)).after.ok).toBe(true);
    expect(countsText(await syncNow(deps, configId))).toBe(nothingNew);
  });
});
