// Key look-ups stay cheap whatever PostgreSQL believes of the tables: statistics taken in the middle of a first sync know of
// pages without rows, and a planner that goes by them may read a whole source for each key.
import { expect, it } from 'vitest';
import { saveFormatted } from '../src/sync/save-formatted.ts';
import { openAgain } from './support/database.ts';
import { depsOver } from './support/deps-over.ts';
import { addQuConfig, countsText } from './support/engine.ts';
import { superuserOf } from './support/superuser.ts';
import { openTrip } from './support/trip.ts';
import { until } from './support/until.ts';

const items = 3000;
const body = (price: number) =>
  Array.from({ length: items }, (_, n) => ({ id: n, pathId: `p${n}`, name: `n${n}`, price }));

/** Rows of modifiers that statements have read so far, by any way. */
async function rowsRead(url: string): Promise<number> {
  const [row] = await superuserOf<{ read: string }>(
    url,
    `select (seq_tup_read + coalesce(idx_tup_fetch, 0))::text as read from pg_stat_user_tables
      where relname = 'integration_modifiers'`,
  );
  return Number(row?.read);
}

it('of a source that the statistics do not know, a change of every item reads a few rows per item', async () => {
  const { deps } = await openTrip();
  const own = { requestedBy: 'test' };
  for (let n = 0; n < 12; n++) {
    const { configId } = await addQuConfig(deps, 'http://127.0.0.1:1', { establishment: `small ${n}` });
    await saveFormatted(deps, { ...own, configId, formattedData: { modifiers: body(1).slice(0, 200) } });
  }
  await superuserOf(deps.url, 'vacuum (analyze) integration_modifiers');
  const { configId } = await addQuConfig(deps, 'http://127.0.0.1:1');
  await saveFormatted(deps, { ...own, configId, formattedData: { modifiers: body(1) } });
  await deps.database.close();
  const before = await rowsRead(deps.url);
  const again = await openAgain(deps.url);
  const { run } = await saveFormatted(await withVaultOf(deps, again), {
    ...own,
    configId,
    formattedData: { modifiers: body(2) },
  });
  expect(countsText(run)).toContain(`modifiers +0 ~${items} =0 -0`);
  await again.close();
  const read = await until('the figures of ended connections', async () => {
    const now = (await rowsRead(deps.url)) - before;
    return now >= items ? now : null;
  });
  expect(read).toBeLessThan(items * 20);
});

for (const upkeep of ['analyze', 'vacuum', 'vacuum (analyze)'] as const) {
  it(`after ${upkeep} in the middle of a first sync, a change of every item reads a few rows per item`, async () => {
    const { deps, onStatement } = await openTrip();
    const { configId } = await addQuConfig(deps, 'http://127.0.0.1:1');
    let tended = 0;
    onStatement(async (statement) => {
      if (!/insert into integration_sync_state/.test(statement)) return;
      tended += 1;
      await superuserOf(deps.url, `${upkeep} integration_modifiers`);
    });
    const own = { configId, requestedBy: 'test' };
    const first = await saveFormatted(deps, { ...own, formattedData: { modifiers: body(1) } });
    expect([tended, countsText(first.run)]).toEqual([1, expect.stringContaining(`modifiers +${items} ~0`)]);
    onStatement(null);
    // Its connections tell what they read when they end.
    await deps.database.close();
    const before = await rowsRead(deps.url);
    const own2 = await openAgain(deps.url);
    const second = await saveFormatted(await withVaultOf(deps, own2), {
      ...own,
      formattedData: { modifiers: body(2) },
    });
    expect(countsText(second.run)).toContain(`modifiers +0 ~${items} =0 -0`);
    await own2.close();
    const read = await until('the figures of ended connections', async () => {
      const now = (await rowsRead(deps.url)) - before;
      return now >= items ? now : null;
    });
    expect(read).toBeLessThan(items * 20);
  });
}

async function withVaultOf(deps: Awaited<ReturnType<typeof depsOver>>, database: typeof deps.database) {
  return { ...(await depsOver(database)), vault: deps.vault };
}
