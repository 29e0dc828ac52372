// A POS that repeats the credentials in whatever it answers: neither history, nor the run, nor the log shows them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeQu, startFakeQu } from '../src/connectors/qu/fake.ts';
import { openLog } from '../src/log.ts';
import type { Deps } from '../src/sync/deps.ts';
import { setConfig } from '../src/sync/set-config.ts';
import { addQuConfig, openEngine, syncNow } from './support/engine.ts';

let pos: FakeQu;
let deps: Deps;
const lines: string[] = [];
beforeAll(async () => {
  pos = await startFakeQu({ products: 2, modifiers: 2, discounts: 2 });
  deps = await openEngine({ deps: { log: openLog('debug', { write: (line: string) => void lines.push(line) }) } });
});
afterAll(() => pos.stop());

const pair = Buffer.from('shopuser:pa55wordX').toString('base64');

describe('credentials that a POS repeats', () => {
  it.each([
    ['api_key', { api_key: 'correct horse' }, ['correct horse']],
    ['bearer', { token: 'plain-token' }, ['plain-token']],
    ['basic', { username: 'shopuser', password: 'pa55wordX' }, ['shopuser', 'pa55wordX', pair, pair.slice(0, 12)]],
    ['headers', { headers_json: '{"X-Shop":"plain-value","X-Other":"second one"}' }, ['plain-value', 'second one']],
  ] as const)('S41: are nowhere to be read with auth %s', async (auth, secrets, texts) => {
    const { configId } = await addQuConfig(deps, pos.url, { establishment: auth });
    await setConfig(deps, { configId, params: { auth }, secrets });
    for (const text of texts) {
      for (const answer of [
        { status: 403, body: `your ${text} is bad` },
        { body: `nope ${text}` },
        { body: `<html>${text}` },
        { body: JSON.stringify({ error: `bad credentials ${text}` }) },
        { body: JSON.stringify({ menuItems: text }) },
        { body: JSON.stringify({ [text]: 1 }) },
        { body: `{"${text}":1,"${text}":2}` },
        { body: `{"menuItems":[],"${text}":x}` },
        { body: `{"menuItems":[1,2,${text}` },
      ]) {
        pos.answer(answer, 1);
        const run = await syncNow(deps, configId);
        expect(run.status).toBe('failed');
        expect(run.error?.step).toMatch(/^(fetch|format)$/);
        expect(JSON.stringify(run)).not.toContain(text);
      }
      const { rows } = await deps.database.query(`select h::text from integration_sync_history h`);
      expect(JSON.stringify(rows)).not.toContain(text);
      expect(lines.length).toBeGreaterThan(0);
      expect(lines.join('')).not.toContain(text);
    }
  });
});
