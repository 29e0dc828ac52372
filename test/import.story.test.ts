// tillsync import as people use it: a real process, a real database, files on disk and on stdin.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startFake } from '../src/connectors/file/fake.ts';
import type { Run } from '../src/records/runs/run.ts';
import { approveRun } from '../src/sync/approve-run.ts';
import { importFile } from '../src/sync/requests/import-file.ts';
import { addConfig } from '../src/sync/set-config.ts';
import { openStory } from './support/cli-story.ts';
import { depsOver } from './support/deps-over.ts';
import { addQuConfig, countsText, openEngine, syncNow } from './support/engine.ts';

const header = 'Art;Artikelnummer;Bezeichnung;Preis;Lager';
const rows = [
  ...Array.from({ length: 8 }, (_, n) => `product;P${n};"Gericht ""${n}""";${n + 1},50;yes`),
  'modifier;M1;Hafermilch;0,40;yes',
  'discount;D1;Mitarbeiter;2,00;',
];
const bad = 'product;P99;Kaputt;1,234;yes';
async function* bodyOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
const csv = (...lines: string[]) => `${[header, ...lines].join('\r\n')}\r\n`;

test('a file becomes a catalog: previewed, imported, the same again changes nothing, --full removes, bad rows are told', async () => {
  const { cli, database } = await openStory();
  await writeFile(join(cli.folder, 'menu.csv'), csv(...rows));
  const words = ['import', 'menu.csv', '--new', 'Main Street', '--map', 'kind=Art'];

  const preview = await cli.run([...words, '--preview']);
  expect(preview.code).toBe(0);
  expect(preview.stdout).toMatch(/Artikelnummer +external_id +P0 {2}P1 {2}P2/);
  expect(preview.stdout).toMatch(/Lager +– +yes/);
  expect(preview.stdout).toMatch(/products +P0 +– +Gericht "0" +1\.5/);
  expect((await database.query('select from integration_source_configs')).rowCount).toBe(0);

  const first = await cli.json<Run>(words);
  expect(first.code).toBe(0);
  expect(countsText(first.answer)).toBe('products +8 ~0 =0 -0, modifiers +1 ~0 =0 -0, discounts +1 ~0 =0 -0');

  // What was mapped by hand is remembered, and stdin is a file like any other.
  const again = await cli.json<Run>(['import', '-', '--config', 'Main Street'], csv(...rows));
  expect(countsText(again.answer)).toBe('products +0 ~0 =8 -0, modifiers +0 ~0 =1 -0, discounts +0 ~0 =1 -0');

  await writeFile(join(cli.folder, 'menu.csv'), csv(...rows.slice(1), bad));
  const merged = await cli.run(['import', 'menu.csv', '--config', 'Main Street']);
  expect(merged.code).toBe(3);
  expect(merged.stderr).toContain('Set aside: line 11: The column “Preis”: "1,234" can be 1234 or 1.234');

  const deps = await depsOver(database);
  const configId = first.answer.config_id as string;
  const bring = (lines: string[], mode: 'merge' | 'full' = 'full') =>
    importFile(deps, { configId, body: bodyOf(csv(...lines)), fileName: 'menu.csv', mode, requestedBy: 'test' });
  const full = await bring([...rows.slice(1), bad]);
  expect(full).toMatchObject({ status: 'partial', mode: 'full', complete: true });
  expect(countsText(full)).toContain('products +0 ~0 =7 -1 rejected 1');

  // Most of the menu is gone: the guard holds it, and approving streams the stored file.
  const held = await bring(rows.slice(6));
  expect(held.status).toBe('held');
  const approved = await approveRun(deps, { runId: held.id, requestedBy: 'test' });
  expect(countsText(approved)).toContain('products +0 ~0 =2 -5');
  const { rows: stored } = await database.query<{ external_id: string; name: string; price: string }>(
    'select external_id, name, price::text from integration_products where removed_at is null order by external_id',
  );
  expect(stored).toEqual([
    { external_id: 'P6', name: 'Gericht "6"', price: '7.5' },
    { external_id: 'P7', name: 'Gericht "7"', price: '8.5' },
  ]);

  // Nothing of the run is saved when the file breaks off.
  const broken = await bring(['product;P1;"never closed']);
  expect(broken).toMatchObject({ status: 'failed', error: { code: 'file_malformed' } });
  // Where it would be fetched from, nobody said.
  const sync = await syncNow(deps, configId);
  expect(sync).toMatchObject({ status: 'failed', error: { code: 'file_without_url' } });
});

test('a file at a URL is synced like any other catalog, its ETag spares the second read; an import stops when told to, and is refused elsewhere', async () => {
  const deps = await openEngine();
  const pos = await startFake({ products: 5, modifiers: 5, discounts: 5 });
  const { params, secrets } = pos.settings;
  const config = await addConfig(deps, { connectorId: 'file', name: 'By URL', params, secrets });
  expect(countsText(await syncNow(deps, config.id))).toBe(
    'products +5 ~0 =0 -0, modifiers +5 ~0 =0 -0, discounts +5 ~0 =0 -0',
  );
  expect(await syncNow(deps, config.id)).toMatchObject({ status: 'success', reads: 'nothing' });
  await pos.stop();

  // Whoever brings a file may fall silent in the middle of it; the run ends when it is told to.
  const stop = new AbortController();
  async function* silent() {
    yield Buffer.from('id,name\n1,x\n');
    stop.abort();
    await new Promise(() => undefined);
  }
  const mapless = { configId: config.id, fileName: 'x.csv', requestedBy: 'test', signal: stop.signal };
  expect(await importFile(deps, { ...mapless, body: silent() })).toMatchObject({ status: 'cancelled', counts: null });
  const { configId } = await addQuConfig(deps, 'https://pos.example');
  const brought = importFile(deps, { configId, body: bodyOf('id\n1\n'), fileName: 'x.csv', requestedBy: 'test' });
  await expect(brought).rejects.toMatchObject({ code: 'file_not_taken' });
});
