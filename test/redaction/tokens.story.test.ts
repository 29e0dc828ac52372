// Access tokens are secrets that nobody typed: a POS that repeats them, or sends them where it should not, gives none away.

import { randomBytes } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLog } from '../../src/log.ts';
import { getRun } from '../../src/records/runs/read-runs.ts';
import { checkToEnd } from '../../src/sync/check/check-connection.ts';
import { recordCassette } from '../../src/sync/check/record-cassette.ts';
import type { Deps } from '../../src/sync/deps.ts';
import { addConfig } from '../../src/sync/set-config.ts';
import { openVault } from '../../src/vault/open-vault.ts';
import { openEngine, syncNow } from '../support/engine.ts';
import { withTokens } from '../support/token-connector.ts';
import { catalogOf, formsOf } from './canary-pos.ts';
import { traceIn, tracesInDatabase } from './find-traces.ts';

type Answer = (response: ServerResponse, text: string) => void;

const json = (response: ServerResponse, status: number, body: unknown) =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

let server: Server;
let deps: Deps;
let configId = '';
let issued = 0;
let tokenAnswer: Answer | null = null;
let itemsAnswer: Answer = (response) => json(response, 200, {});
const lines: string[] = [];

beforeAll(async () => {
  // Each token is a canary of its own; the catalog repeats the one that it was sent, the token endpoint also the other one.
  server = createServer((request, response) => {
    const access = formsOf(`canary-access/${issued}+wxyz`).join(' ');
    if (request.method !== 'POST') return itemsAnswer(response, access);
    const refresh = formsOf(`canary-refresh/${issued}+wxyz`).join(' ');
    if (tokenAnswer !== null) return tokenAnswer(response, `${refresh} ${access}`);
    issued += 1;
    json(response, 200, {
      access_token: `canary-access/${issued}+wxyz`,
      refresh_token: `canary-refresh/${issued}+wxyz`,
      expires_in: 3600,
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const vault = openVault({ active: randomBytes(32).toString('base64') });
  const log = openLog('debug', { write: (line) => void lines.push(line) }, vault.redact);
  deps = withTokens(await openEngine({ deps: { vault, log } }));
  const config = await addConfig(deps, {
    connectorId: 'qu',
    name: 'POS',
    params: {
      brand: 'acme',
      establishment: '1',
      base_url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      auth: 'bearer',
    },
    secrets: { token: 'canary-grant-0123-wxyz' },
  });
  configId = config.id;
});
afterAll(() => void server.close());

test('S41: a token in refusals, catalogs, tests and recordings is nowhere afterwards', async () => {
  const told: unknown[] = [];
  const answers: Answer[] = [
    (response, text) => json(response, 403, { error: text }),
    (response, text) => void response.writeHead(401).end(text),
    (response, text) => void response.end(`<html>${text}`),
    (response, text) => json(response, 200, { menuItems: text }),
    (response, text) => json(response, 200, catalogOf(text, 5)),
  ];
  for (const answer of answers) {
    itemsAnswer = answer;
    const run = await syncNow(deps, configId);
    told.push(run, await getRun(deps.database, run.id));
    const { signal } = new AbortController();
    told.push(await checkToEnd(deps, { target: { configId }, signal }));
  }
  told.push(await recordCassette(deps, { configId, signal: new AbortController().signal }));
  expect(issued).toBeGreaterThan(1);
  // The token endpoint itself, refusing and answering nonsense.
  for (const answer of answers.slice(0, 4)) {
    tokenAnswer = answer;
    await deps.database.query('delete from integration_access_tokens');
    await deps.database.query('delete from integration_upstream_hosts');
    const run = await syncNow(deps, configId);
    expect(run.status).toBe('failed');
    told.push(run);
  }
  for (const text of [...lines, JSON.stringify(told)]) expect(traceIn(text)).toBeNull();
  expect(lines.length).toBeGreaterThan(5);
  expect(await tracesInDatabase(deps.database)).toEqual([]);
}, 300_000);
