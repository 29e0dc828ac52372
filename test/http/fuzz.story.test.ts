// The API under 20,000 requests that a seeded generator makes of its own document: whatever comes, no answer is a failure of ours.
import { expect, test } from 'vitest';
import { openPasswords } from '../../src/access/people/passwords/open-passwords.ts';
import { createV1App } from '../../src/api/v1/create-v1-app.ts';
import { openApiDocument } from '../../src/api/v1/openapi-document.ts';
import { problemSchema } from '../../src/api/v1/schemas/problem-schema.ts';
import { startFakeQu } from '../../src/connectors/qu/fake.ts';
import { openLog } from '../../src/log.ts';
import type { Deps } from '../../src/sync/deps.ts';
import { addQuConfig, syncNow } from '../support/engine.ts';
import { edgeServerOver, openEdgeServer } from '../support/http/edge-server.ts';
import { type FuzzRequest, type Operation, operationsOf, requestTo } from '../support/http/fuzz-requests.ts';
import { openRandom, type Random } from '../support/http/random.ts';
import type { Schema, Values } from '../support/http/schema-values.ts';

const seed = 20_261_129;
const requests = 20_000;
const atOnce = 8;

// They ask a POS, take a file, or answer only at the end of a run.
const slow = /\/(test|import|events)$/;

const item: Schema = {
  type: 'object',
  properties: { id: { type: 'string' }, name: { type: 'string' }, price: {}, path_id: {}, data: {} },
};
const items: Schema = { type: 'array', items: item };
const formatted: Schema = { type: 'object', properties: { products: items, modifiers: items, discounts: items } };
const id: Schema = { type: 'string', format: 'uuid' };
/** The edge functions that do not ask a POS, which no document describes. */
const functions: readonly Operation[] = [
  {
    method: 'POST',
    path: '/functions/v1/save-integration-data',
    parameters: [],
    body: {
      type: 'object',
      properties: {
        config_id: id,
        source_id: id,
        formatted_data: formatted,
        mode: { enum: ['merge', 'full'] },
        metadata: {},
      },
      required: ['config_id', 'formatted_data'],
    },
  },
  {
    method: 'POST',
    path: '/functions/v1/format-integration-data',
    parameters: [],
    body: {
      type: 'object',
      properties: { integration_type: { enum: ['qu'] }, config_id: id, data: {} },
      required: ['integration_type', 'data'],
    },
  },
  {
    method: 'POST',
    path: '/hooks/{connector}/{endpoint}',
    parameters: ['connector', 'endpoint'].map((name) => ({ name, in: 'path', schema: { type: 'string' } })),
    body: {},
  },
];

test(`S13: ${requests} requests made from the document, half of them damaged, get no answer of 5xx, and JSON each time`, async () => {
  const lines: string[] = [];
  const opened = await openEdgeServer();
  const deps = { ...opened.deps, log: openLog('error', { write: (line) => void lines.push(line) }) };
  // What a hash costs is not what is looked at here.
  const passwords = openPasswords({ cost: { logN: 4, r: 1, p: 1 }, parallel: 8 });
  const server = edgeServerOver(deps, opened.key, { rateLimit: false, passwords });
  const random = openRandom(seed);
  const values = { random, ...(await somethingToFind(deps, random)) };
  const operations = [...values.operations, ...functions];
  // An export gives the whole log, which grows with all that is done here.
  const short = operations.filter(({ path }) => !/\/(export|diagnostics)$/.test(path));
  const seen = new Map<number, number>();
  const wrong: string[] = [];
  let sent = 0;
  const work = async (): Promise<void> => {
    while (sent < requests && wrong.length < 20) {
      sent++;
      const request = requestTo(random.pick(sent < 2_000 ? operations : short), values);
      const { headers, body } = request;
      const path = `${request.method} ${request.path}`;
      const given = { headers, ...(body === undefined ? {} : { body }) };
      const response = await (random.chance(0.98) ? server.callWithKey(path, given) : server.call(path, given));
      seen.set(response.status, (seen.get(response.status) ?? 0) + 1);
      const fault = faultOf(request, response, await response.text());
      if (fault !== null) wrong.push(fault);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  expect({ wrong, lines }).toEqual({ wrong: [], lines: [] });
  expect(sent).toBe(requests);
  // A generator that only ever meets one refusal proves nothing.
  for (const status of [200, 201, 202, 400, 404, 409, 412])
    expect(seen.get(status) ?? 0, String(status)).toBeGreaterThan(0);
}, 300_000);

function faultOf(request: FuzzRequest, response: Response, text: string): string | null {
  const type = response.headers.get('content-type') ?? '';
  const told = `${response.status} ${request.method} ${request.path} ${request.body?.slice(0, 500)} → ${text.slice(0, 500)}`;
  if (response.status >= 500) return told;
  if (response.headers.get('x-content-type-options') !== 'nosniff') return `without headers: ${told}`;
  const isOurs = request.path.startsWith('/functions/') || request.path.startsWith('/hooks/');
  // Files are what they are; who asks for one gets it as a download.
  if (/^(text\/csv|application\/(x-ndjson|gzip|octet-stream))/.test(type)) {
    const isDownload = /^attachment/.test(response.headers.get('content-disposition') ?? '');
    const isFile = /\/export\b|\/diagnostics\b|\/payloads\//.test(request.path);
    return isDownload && isFile ? null : `a file that is none: ${told}`;
  }
  if (!/^application\/(problem\+)?json/.test(type)) return `not JSON: ${told}`;
  const answer: unknown = JSON.parse(text);
  const isProblem = response.status < 400 || isOurs || problemSchema.safeParse(answer).success;
  return isProblem ? null : `no problem: ${told}`;
}

async function somethingToFind(
  deps: Deps,
  random: Random,
): Promise<Omit<Values, 'random'> & { operations: Operation[] }> {
  const pos = await startFakeQu({ products: 20, modifiers: 10, discounts: 3 });
  const configs: string[] = [];
  const sources: string[] = [];
  const runs: string[] = [];
  for (const establishment of ['1', '2', '3', '4', '5', '6']) {
    const { configId, sourceId } = await addQuConfig(deps, pos.url, { establishment });
    configs.push(configId);
    sources.push(sourceId);
    runs.push((await syncNow(deps, configId)).id, (await syncNow(deps, configId, { dryRun: true })).id);
  }
  await pos.stop();
  const document = openApiDocument(
    createV1App(deps, { adminKey: null, corsOrigins: [], authenticate: async () => null }),
  );
  const few = [1, 2, 3];
  const pools: Record<string, readonly unknown[]> = {
    'configs.id': configs,
    config_id: configs,
    'sources.id': sources,
    source_id: sources,
    'runs.id': runs,
    parent_id: runs,
    'connectors.id': ['qu', 'square', 'toast'],
    connector_id: ['qu'],
    'concepts.id': few,
    'companies.id': few,
    'sites.id': few,
    'id.id': few,
    concept_id: few,
    company_id: few,
    site_id: few,
    establishment: ['1', '77', 5],
    brand: ['acme'],
    // Nothing listens there; what asks a POS is queued and waits.
    base_url: ['http://127.0.0.1:9'],
  };
  const known = (field: string): unknown => {
    const pool = pools[field];
    return pool === undefined ? undefined : random.pick(pool);
  };
  const operations = operationsOf(document).filter(({ path }) => !slow.test(path));
  return { operations, schemas: (document.components?.schemas ?? {}) as Record<string, Schema>, known };
}
