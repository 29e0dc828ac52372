// Bodies of save-integration-data that are nested without end, or carry texts that PostgreSQL does not store.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../src/access/caller.ts';
import { createFunctionsApp } from '../src/api/functions/index.ts';
import { startFakeQu } from '../src/connectors/qu/fake.ts';
import { type Json, parseJson } from '../src/json.ts';
import { listRejects } from '../src/records/runs/read-rejects.ts';
import type { Deps } from '../src/sync/deps.ts';
import { saveFormatted } from '../src/sync/save-formatted.ts';
import { addQuConfig, openEngine } from './support/engine.ts';

const noPos = 'http://127.0.0.1:9';
let deps: Deps;
let configId: string;
beforeAll(async () => {
  deps = await openEngine();
  ({ configId } = await addQuConfig(deps, noPos));
});

const nested = (levels: number, inner = '1') => `${'['.repeat(levels)}${inner}${']'.repeat(levels)}`;

async function post(products: string, metadata = '{}') {
  const data = `{"products":[${products}]}`;
  return await call(
    'save-integration-data',
    `{"config_id":"${configId}","formatted_data":${data},"metadata":${metadata}}`,
  );
}

const holder: Caller = {
  kind: 'key',
  id: '00000000-0000-4000-8000-000000000001',
  name: 'test',
  grants: [{ access: 'admin', level: 'all', levelId: null }],
};

async function call(name: string, body: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const options = { adminKey: null, corsOrigins: [], authenticate: async () => holder };
  const app = createFunctionsApp(deps, options);
  const response = await app.fetch(
    new Request(`http://localhost/functions/v1/${name}`, {
      method: 'POST',
      headers: { authorization: 'Bearer key', 'content-type': 'application/json' },
      body,
    }),
  );
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('an answer of the POS', () => {
  it.each(['1', '1.10'])('F36: nested without end around %s is not handed on, and says so', async (inner) => {
    const pos = await startFakeQu({ products: 1, modifiers: 1, discounts: 1 });
    const deep = await addQuConfig(deps, pos.url, { establishment: inner });
    pos.answer({ body: `{"menuItems":[{"id":"a","x":${nested(100_000, inner)}},{"id":"b"}]}` });
    const { status, body } = await call('fetch-integration-data', `{"config_id":"${deep.configId}"}`);
    const error = 'The answer of the POS is nested too deeply to be handed on.';
    expect([status, body]).toMatchObject([422, { success: false, error, error_code: 'FORMAT_ERROR' }]);
    await pos.stop();
  });
});

describe('a save body', () => {
  it.each([99, 100, 6_000, 100_000])('F36: with data %i levels deep loses at most that one item', async (levels) => {
    const deep = { id: 'deep', data: JSON.parse(nested(levels)) as Json };
    const { run, stored } = await saveFormatted(deps, {
      configId,
      formattedData: { products: [{ id: 'a', name: 'A' }, deep] },
      requestedBy: 'test',
    });
    expect(run).toMatchObject({ status: levels === 99 ? 'success' : 'partial', error: null });
    expect(stored.products).toBe(levels === 99 ? 2 : 1);
    const { data } = await listRejects(deps.database, run.id);
    expect(data.map(({ reason, external_id }) => [reason, external_id])).toEqual(
      levels === 99 ? [] : [['too_deep', 'deep']],
    );
  });

  it('F36: with items that are too deep keeps their keys where they can be read, so that each counts as seen', async () => {
    const { configId } = await addQuConfig(deps, noPos, { establishment: 'keys' });
    const save = (modifiers: Json[]) =>
      saveFormatted(deps, { configId, formattedData: { modifiers }, mode: 'full', requestedBy: 'test' });
    await save([{ id: 'a', pathId: 'p' }, { id: 7 }, { id: 'gone' }]);
    const data = JSON.parse(nested(100)) as Json;
    const readable = await save([
      { id: 'a', pathId: 'p', data },
      { id: 7, data },
    ]);
    expect(readable.run.counts?.modifiers).toMatchObject({ received: 2, rejected: 2, removed: 1 });
    const unreadable = await save([
      { id: 'a', pathId: { deep: data } },
      { id: parseJson('9007199254740993') as Json, data },
      [data],
    ]);
    expect(unreadable.run.counts?.modifiers).toMatchObject({ received: 3, rejected: 3, removed: 0 });
    const keys = async (runId: string) =>
      (await listRejects(deps.database, runId)).data.map(({ external_id, path_id }) => [external_id, path_id]);
    expect(await keys(readable.run.id)).toEqual([
      ['a', 'p'],
      ['7', null],
    ]);
    expect(await keys(unreadable.run.id)).toEqual([
      [null, null],
      [null, null],
      [null, null],
    ]);
  });

  it('F36: too deep for the lossless parser, or with deep metadata, is refused in one sentence', async () => {
    const lossy = await post(`{"id":"deep","data":${nested(100_000, '1.10')}}`);
    expect(lossy).toMatchObject({ status: 400, body: { error: 'The body is nested too deeply to be read.' } });
    const deep = await post(`{"id":"a"}`, `{"x":${nested(100)}}`);
    const error = 'The metadata is nested deeper than 100 levels.';
    expect(deep).toMatchObject({ status: 400, body: { error, error_code: 'VALIDATION_ERROR' } });
    expect(await post(`{"id":"a"}`, `{"x":${nested(99)}}`)).toMatchObject({ status: 200, body: { success: true } });
  });

  it('keeps metadata with a NUL, half a character or an endless number in a storable form', async () => {
    const metadata = parseJson('{"a\\u0000":"b\\u0000c","d":["\\ud800"],"n":1e999999,"m":1.10}') as Json;
    const { run } = await saveFormatted(deps, {
      configId,
      formattedData: { products: [{ id: 'a', name: 'A' }] },
      metadata,
      requestedBy: 'test',
    });
    expect(run).toMatchObject({ status: 'success', error: null });
    const { rows } = await deps.database.query<{ kept: string }>(
      `select meta->>'metadata' as kept from integration_run_payloads where run_id = $1`,
      [run.id],
    );
    const kept = JSON.parse(rows[0]?.kept ?? '') as unknown;
    expect(kept).toEqual({ 'a\uFFFD': 'b\uFFFDc', d: ['\uFFFD'], n: '1e999999', m: 1.1 });
  });
});
