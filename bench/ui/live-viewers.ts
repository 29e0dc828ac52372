// 200 people who look on while sources sync: what they cost the server, by the clocks of its processes.
import { setTimeout as pause } from 'node:timers/promises';
import { backendCpu, backendPids, processCpu, threadsCpu } from '../measure/meter.ts';
import type { BenchDatabase } from '../server/open-cluster.ts';

export interface ViewersResult {
  viewers: number;
  /** Share of a core of the server's process and of PostgreSQL, with the viewers and without them; the same syncs go on. */
  server: number;
  serverAlone: number;
  postgres: number;
  postgresAlone: number;
  /** Requests and events that the viewers were answered in a second. */
  answersPerSecond: number;
}

export interface ViewersOptions {
  url: string;
  key: string;
  database: BenchDatabase;
  serverPid: number;
  /** Configs whose runs are watched; each is synced again and again. */
  configIds: readonly string[];
  viewers: number;
  seconds: number;
  log: (line: string) => void;
}

/** Measures the same stretch of syncs without and with the viewers. */
export async function measureViewers(of: ViewersOptions): Promise<ViewersResult> {
  const stop = new AbortController();
  const state = { answers: 0, events: 0 };
  const syncing = of.configIds.map((id) => keepSyncing(of, id, stop.signal));
  await pause(3000);
  const alone = await share(of);
  const looking = Array.from({ length: of.viewers }, (_, n) => viewer(of, { n, state, signal: stop.signal }));
  // Everybody's first look, like after a restart, is over.
  await pause(8000);
  const before = state.answers + state.events;
  const busy = await share(of);
  const answersPerSecond = (state.answers + state.events - before) / of.seconds;
  stop.abort();
  await Promise.all([...syncing, ...looking]);
  of.log(`viewers: ${(busy.server * 100).toFixed(0)} % of a core, ${(alone.server * 100).toFixed(0)} % without them`);
  return {
    viewers: of.viewers,
    server: busy.server,
    serverAlone: alone.server,
    postgres: busy.postgres,
    postgresAlone: alone.postgres,
    answersPerSecond,
  };
}

async function share({ serverPid, database, seconds }: ViewersOptions): Promise<{ server: number; postgres: number }> {
  const pids = await backendPids(database);
  const [server, backends] = [threadsCpu(serverPid) ?? Number.NaN, backendCpu(pids)];
  const begun = performance.now();
  await pause(seconds * 1000);
  const ms = performance.now() - begun;
  const after = backendCpu(pids.filter((pid) => processCpu(pid) !== null));
  let postgres = 0;
  for (const [pid, time] of after ?? []) postgres += time - (backends?.get(pid) ?? time);
  return { server: ((threadsCpu(serverPid) ?? Number.NaN) - server) / ms, postgres: postgres / ms };
}

async function ask({ url, key }: ViewersOptions, path: string, init: RequestInit = {}): Promise<Response> {
  return await fetch(`${url}/api/v1${path}`, { ...init, headers: { authorization: `Bearer ${key}`, ...init.headers } });
}

async function keepSyncing(of: ViewersOptions, configId: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const init = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } };
    await (await ask(of, `/configs/${configId}/runs`, init)).text();
    await pause(4000, undefined, { signal }).catch(() => undefined);
  }
}

interface Looking {
  n: number;
  state: { answers: number; events: number };
  signal: AbortSignal;
}

/** What the pages ask for by themselves (src/web/queries): path → seconds from one time to the next. */
const homePolls: readonly [string, number][] = [
  ['/configs?limit=1000', 60],
  ['/runs?active=true&limit=200', 2],
  ['/holds?limit=100', 15],
  ['/runs?limit=5', 10],
];
const integrationPolls = (configId: string): readonly [string, number][] => [
  [`/configs/${configId}`, 10],
  ['/runs?active=true&limit=200', 2],
  ['/holds?limit=100', 15],
  [`/runs?config_id=${configId}&limit=10`, 10],
];

/** One of three looks at home; the others at an integration, with the events of its run while there is one. */
async function viewer(of: ViewersOptions, { n, state, signal }: Looking): Promise<void> {
  const configId = of.configIds[n % of.configIds.length] ?? '';
  const atHome = n % 3 === 0;
  const polls = atHome ? homePolls : integrationPolls(configId);
  const asking = polls.map(async ([path, seconds]) => {
    // They did not all come at once.
    await pause(((n * 61) % 100) * 10 * seconds, undefined, { signal }).catch(() => undefined);
    while (!signal.aborted) {
      await (await ask(of, path, { signal })).text();
      state.answers++;
      await pause(seconds * 1000, undefined, { signal });
    }
  });
  await untilOver(atHome ? asking : [...asking, watchRuns(of, { configId, state, signal })], signal);
}

// What is broken off at the end is no failure; anything else is.
async function untilOver(work: readonly Promise<void>[], signal: AbortSignal): Promise<void> {
  const ends = await Promise.allSettled(work);
  for (const end of ends) {
    if (end.status === 'rejected' && (!signal.aborted || (end.reason as Error).name !== 'AbortError')) throw end.reason;
  }
}

async function watchRuns(
  of: ViewersOptions,
  { configId, state, signal }: { configId: string; state: Looking['state']; signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    const { data } = (await (await ask(of, `/runs?config_id=${configId}&limit=1`, { signal })).json()) as {
      data: { id: string }[];
    };
    const response = await ask(of, `/runs/${data[0]?.id}/events`, { signal });
    // The stream ends with the run.
    for await (const _event of response.body ?? []) state.events++;
    await pause(1000, undefined, { signal });
  }
}
