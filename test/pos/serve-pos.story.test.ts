// Every POS that can be tried without one has its pretend server here: a process of its own, from whose line a config is made.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ConnectorSettings } from '../../src/connectors/connector.ts';
import { loadConnectors } from '../../src/connectors/load-connectors.ts';
import { itemTables } from '../../src/db/keys/key-definitions.ts';
import { addConfig } from '../../src/sync/set-config.ts';
import { openEngine, syncNow } from '../support/engine.ts';
import { startProcess } from '../support/start-process.ts';

const program = join(import.meta.dirname, 'serve-pos.ts');
const loaded = await loadConnectors();
const folders = readdirSync(join(import.meta.dirname, '../../src/connectors'), { withFileTypes: true });
// What a folder makes of data has no connector of its own to sync with; the contract test reads its pretend POS.
const ids = folders.map(({ name }) => name).filter((name) => loaded.has(name));

describe('npm run pos', () => {
  test.each(ids)('%s: the first sync creates all of its items, the second changes nothing', async (id) => {
    const words = [id, '--products', '20', '--modifiers', '12', '--discounts', '3'];
    const { child, said, ended } = await startProcess<ConnectorSettings & { url: string; keys: number }>(
      program,
      words,
    );
    expect(said.keys).toBeGreaterThan(20);
    const deps = await openEngine();
    const config = await addConfig(deps, { connectorId: id, name: id, params: said.params, secrets: said.secrets });
    const first = await syncNow(deps, config.id);
    expect([first.error, first.status]).toEqual([null, 'success']);
    const sums = (field: 'created' | 'updated' | 'removed' | 'unchanged', of: typeof first) =>
      Object.values(of.counts ?? {}).reduce((sum, counts) => sum + counts[field], 0);
    expect(sums('created', first)).toBe(said.keys);
    const second = await syncNow(deps, config.id);
    expect([second.error, sums('created', second), sums('updated', second), sums('removed', second)]).toEqual([
      null,
      0,
      0,
      0,
    ]);
    // An answer that only holds what has changed since says nothing of the rest.
    const { rows } = await deps.database.query<{ live: number }>(
      `select ${itemTables.map((table) => `(select count(*) from ${table} where removed_at is null)`).join(' + ')} as live`,
    );
    expect(Number(rows[0]?.live)).toBe(said.keys);
    child.kill('SIGTERM');
    expect(await ended).toEqual({ code: 0, signal: null });
  });

  test('refuses what is no POS, or no number, in one sentence (exit 2)', () => {
    for (const [words, told] of [
      [['nothing-of-the-kind'], "There is no pretend POS 'nothing-of-the-kind'"],
      [[...ids.slice(0, 1), '--products', 'many'], '--products must be a whole number'],
    ] as const) {
      const { status, stderr } = spawnSync(process.execPath, [program, ...words], { encoding: 'utf8' });
      expect(status).toBe(2);
      expect(stderr.split('\n')[0]).toBe(`${told}. Nothing was started.`);
    }
  });
});
