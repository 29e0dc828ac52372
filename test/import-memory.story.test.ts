// What an import keeps of each row: its key and fingerprint outside of the heap, and nothing else, however long the file is.
import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { importFile } from '../src/sync/requests/import-file.ts';
import { addConfig } from '../src/sync/set-config.ts';
import { countsText, openEngine } from './support/engine.ts';

v8.setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

async function* file(rows: number): AsyncGenerator<Uint8Array> {
  yield Buffer.from('id,name,price,category\n');
  for (let n = 0; n < rows; n += 1_000) {
    const lines = Array.from(
      { length: 1_000 },
      (_, i) => `sku-${String(n + i).padStart(8, '0')},Item ${n + i},1.50,cat\n`,
    );
    yield Buffer.from(lines.join(''));
  }
}

/** The most bytes that are still needed at any tenth of the reading, garbage aside: heap and buffers. */
function mostKept(rows: number) {
  let most = 0;
  let next = rows / 10;
  return {
    onProgress: ({ items = 0 }: { items?: number | null }) => {
      if ((items ?? 0) < next) return;
      next += rows / 10;
      // Buffers are given back on another thread after a collection, at the latest when the next one begins.
      collectGarbage();
      collectGarbage();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      most = Math.max(most, heapUsed + arrayBuffers);
    },
    most: () => most,
  };
}

test('a row more costs at most 80 bytes when it is new, and when every row is compared again', async () => {
  const deps = await openEngine();
  const kept: Record<'first' | 'again', number[]> = { first: [], again: [] };
  // The first one is read to have all code compiled before anything is measured.
  for (const rows of [20_000, 30_000, 150_000]) {
    const config = await addConfig(deps, {
      connectorId: 'file',
      name: `${rows}`,
      params: { name: `${rows}` },
      secrets: {},
    });
    for (const time of ['first', 'again'] as const) {
      const memory = mostKept(rows);
      const run = await importFile(deps, {
        configId: config.id,
        body: file(rows),
        fileName: 'menu.csv',
        mode: 'full',
        requestedBy: 'test',
        onProgress: memory.onProgress,
      });
      expect(countsText(run)).toContain(time === 'first' ? `+${rows} ~0 =0` : `+0 ~0 =${rows}`);
      kept[time].push(memory.most());
      // Else the answer of the last time is repeated without a look at the rows.
      await deps.database.query(`update integration_products set name = name where external_id = 'sku-00000001'`);
    }
  }
  const perRow = ([, few = 0, many = 0]: number[]) => (many - few) / 120_000;
  expect(perRow(kept.first)).toBeLessThan(80);
  expect(perRow(kept.again)).toBeLessThan(80);
});
