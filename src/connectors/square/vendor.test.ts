// The pretend Square and the mapping against the vendor's own documents, where this machine has them; they are no part of the repository.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Json, parseJson } from '../../json.ts';
import { openHttp } from '../../net/http-client.ts';
import type { FetchContext } from '../connector.ts';
import { check, listLocations } from './account.ts';
import { type FakeSquare, startFakeSquare } from './fake.ts';
import { fetchCatalog } from './fetch.ts';
import { formatDocument } from './format.ts';
import { token } from './settings.ts';

const folder = join(import.meta.dirname, '../../../../shared/data/square');
const specification = join(folder, 'square-connect-openapi.json');
const examples = join(folder, 'square-official-catalog-examples.json');
const isHere = existsSync(specification) && existsSync(examples);
if (!isHere) process.stderr.write('The documents of Square are not on this machine: their tests are skipped.\n');

interface Schema {
  $ref?: string;
  type?: string;
  enum?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: unknown;
}
type Schemas = Record<string, Schema>;
interface Operation {
  requestBody?: { content: { 'application/json': { schema: Schema } } };
  responses: { 200: { content: { 'application/json': { schema: Schema } } } };
}

/** Where a value is not what the schema says, e.g. '$.objects[0].type'. Members that the vendor does not know count. */
function* wrongPlaces(
  value: unknown,
  schema: Schema,
  { schemas, at = '$' }: { schemas: Schemas; at?: string },
): Generator<string> {
  if (schema.$ref !== undefined) {
    const target = schemas[schema.$ref.split('/').at(-1) ?? ''];
    // The document refers to a few enums that it does not hold.
    if (target !== undefined) yield* wrongPlaces(value, target, { schemas, at });
    return;
  }
  if (schema.enum !== undefined && !schema.enum.includes(value)) yield `${at}: ${JSON.stringify(value)}`;
  if (schema.type === 'array') {
    if (!Array.isArray(value)) return yield `${at}: no list`;
    for (const [index, each] of value.entries()) {
      yield* wrongPlaces(each, schema.items ?? {}, { schemas, at: `${at}[${index}]` });
    }
    return;
  }
  if (schema.type !== 'object') {
    const type = schema.type === 'integer' && Number.isInteger(value) ? 'integer' : typeof value;
    if (schema.type !== undefined && type !== schema.type) yield `${at}: no ${schema.type}`;
    return;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return yield `${at}: no object`;
  for (const name of schema.required ?? []) if (!(name in value)) yield `${at}.${name}: missing`;
  for (const [name, each] of Object.entries(value)) {
    const known = schema.properties?.[name];
    if (known === undefined) yield `${at}.${name}: unknown`;
    else yield* wrongPlaces(each, known, { schemas, at: `${at}.${name}` });
  }
}

/** One of everything that the connector asks for: whole reads, changes, deleted lists, a missing item, tokens, locations, refusals. */
async function useAll(pos: FakeSquare): Promise<void> {
  const http = openHttp({ allowPrivateHosts: true, connectSeconds: 5, totalSeconds: 20, maxBytes: 50_000_000 });
  onTestFinished(() => http.close());
  const { merchantId, clientId, clientSecret, refreshToken } = pos.account;
  const params = { base_url: pos.url, merchant_id: merchantId, auth: 'oauth', client_id: clientId };
  const settings = { params, secrets: { client_secret: clientSecret, refresh_token: refreshToken } };
  const answer = await http.post(token.url(params), token.request(settings, null));
  const accessToken = token.read?.(parseJson(await answer.text(10_000)), new Date()).accessToken ?? '';
  const context: FetchContext = {
    settings,
    http,
    signal: new AbortController().signal,
    now: new Date(),
    accessToken: async (refused) => (refused === undefined ? accessToken : 'refused'),
  };
  const read = async (since: FetchContext['since'] = null) => {
    const fetching = fetchCatalog({ ...context, since });
    for (;;) {
      const step = await fetching.next();
      if (step.done) return step.value;
      for await (const _ of step.value.body);
    }
  };
  await Array.fromAsync(check(context));
  await Array.fromAsync(listLocations(context));
  const { remember } = await read();
  pos.catalog.pass();
  const [item] = [...pos.catalog.items.values()];
  const [variation] = item?.item_data.variations ?? [];
  if (variation !== undefined) pos.catalog.touch(variation, { name: 'Small' });
  expect(await read(remember)).toMatchObject({ delta: true });
  for (const list of [...pos.catalog.lists.values()]) pos.catalog.remove(list);
  expect(await read(remember)).toMatchObject({ complete: true });
  pos.account.accepted.clear();
  await expect(read()).rejects.toMatchObject({ code: 'upstream_auth' });
}

test.skipIf(!isHere)(
  'every request and answer of the pretend Square has the shape that the vendor documents',
  async () => {
    const document = JSON.parse(readFileSync(specification, 'utf8'));
    const schemas: Schemas = document.components.schemas;
    const pos = await startFakeSquare({ products: 12, modifiers: 10, discounts: 4, pageSize: 5 });
    onTestFinished(() => pos.stop());
    await useAll(pos);
    const seen = new Map<string, number>();
    const wrong = new Set<string>();
    for (const { request, answer } of pos.answers) {
      const path = request.url.pathname.replace('/merchants/me', '/merchants/{merchant_id}');
      const method = request.method.toLowerCase();
      const operation: Operation | undefined = document.paths[path]?.[method];
      if (operation === undefined) throw new Error(`Square has no ${request.method} ${path}`);
      seen.set(`${method} ${path} ${answer.status}`, (seen.get(`${method} ${path} ${answer.status}`) ?? 0) + 1);
      const asked = operation.requestBody?.content['application/json'].schema;
      if (asked !== undefined) {
        for (const place of wrongPlaces(JSON.parse(request.body), asked, { schemas }))
          wrong.add(`asked ${path} ${place}`);
      }
      const answered = operation.responses[200].content['application/json'].schema;
      for (const place of wrongPlaces(answer.body, answered, { schemas })) wrong.add(`answered ${path} ${place}`);
    }
    expect([...wrong]).toEqual([]);
    const bad = { objects: [{ type: 'DISH', name: 1 }], cursor: 1 };
    const answered = { $ref: '#/components/schemas/SearchCatalogObjectsResponse' };
    expect([...wrongPlaces(bad, answered, { schemas })]).toHaveLength(4);
    expect([...seen.keys()].sort()).toEqual([
      'get /v2/locations 200',
      'get /v2/merchants/{merchant_id} 200',
      'get /v2/merchants/{merchant_id} 401',
      'post /oauth2/token 200',
      'post /v2/catalog/batch-retrieve 200',
      'post /v2/catalog/search 200',
    ]);
  },
);

// Their sample of a wrong kind says what belongs into a field, as a text: '{{ … }}'.
const isSample = (value: Json): boolean => JSON.stringify(value).includes('{{');

test.skipIf(!isHere)('the examples of the vendor are formatted, and each reject has its reason', () => {
  const documents = Object.entries(parseJson(readFileSync(examples, 'utf8')) as { [key: string]: Json });
  expect(documents.length).toBeGreaterThan(20);
  const found: string[] = [];
  const rejected: string[] = [];
  for (const [name, document] of documents) {
    const objects = objectsOf(document);
    if (objects.length === 0 || isSample(document)) continue;
    for (const each of formatDocument({ objects }, { params: {} })) {
      if (each.type === 'item') found.push(`${name} ${each.item.kind}`);
      if (each.type === 'reject') rejected.push(`${name} ${each.reject.kind} ${each.reject.reason}`);
    }
  }
  expect([...new Set(found)].sort()).toEqual([
    'BatchRetrieveCatalogObjectsResponse products',
    'BatchUpsertCatalogObjectsRequest products',
    'BatchUpsertCatalogObjectsResponse products',
    'CatalogDiscount discounts',
    'RetrieveCatalogObjectResponse products',
    'SearchCatalogItemsResponse products',
    'SearchCatalogObjectsResponse products',
    'UpsertCatalogObjectRequest products',
    'UpsertCatalogObjectResponse products',
  ]);
  // Parts of requests that make an object: an item without a variation, and a modifier that does not name its list yet.
  expect(rejected).toEqual(['CatalogItem products missing_variation', 'CatalogModifier modifiers invalid_field']);
});

/** The catalog objects of a document, whatever the members in which they stand. */
function objectsOf(document: Json): Json[] {
  if (Array.isArray(document)) return document.flatMap(objectsOf);
  if (typeof document !== 'object' || document === null) return [];
  if ('type' in document && Object.keys(document).some((name) => name.endsWith('_data'))) return [document];
  return Object.values(document).flatMap(objectsOf);
}
