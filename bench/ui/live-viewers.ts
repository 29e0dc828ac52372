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

/** A config with its source, and keys of several scopes that see it. */
export interface Watched {
  configId: string;
  sourceId: string;
  keys: readonly string[];
}

export interface ViewersOptions {
  url: string;
  key: string;
  database: BenchDatabase;
  serverPid: number;
  /** Configs whose runs are watched; each is synced again and again. */
  watched: readonly Watched[];
  viewers: number;
  seconds: number;
  log: (line: string) => void;
}

/** Measures the same stretch of syncs without and with the viewers. */
export async function measureViewers(of: ViewersOptions): Promise<ViewersResult> {
  const stop = new AbortController();
  const state = { answers: 0, events: 0 };
  const syncing = of.watched.map(({ configId }) => keepSyncing(of, configId, stop.signal));
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

/** What the pages ask for by themselves while their stream is there (src/web/queries): path → seconds from one time to the next. */
const everywherePolls: readonly [string, number][] = [
  ['/configs?limit=1000', 60],
  ['/holds?limit=100', 60],
  ['/sources?limit=100', 300],
];
const homePolls: readonly [string, number][] = [
  ['/runs?limit=5', 60],
  ['/run-hours', 60],
];
const integrationPolls = (configId: string): readonly [string, number][] => [
  [`/configs/${configId}`, 60],
  [`/runs?config_id=${configId}&limit=10`, 60],
];

/** One of three looks at home; the others at an integration, whose run is followed while there is one. */
async function viewer(of: ViewersOptions, { n, state, signal }: Looking): Promise<void> {
  const watched = of.watched[n % of.watched.length];
  if (watched === undefined) return;
  // Everything, a concept, a company and one site in turns: the server looks once for each of these scopes.
  const key = watched.keys[Math.floor(n / of.watched.length) % watched.keys.length] ?? of.key;
  const atHome = n % 3 === 0;
  const get = async (path: string) => {
    if (path !== '/run-hours') await drain(await ask({ ...of, key }, path, { signal }));
    else await drain(await ask({ ...of, key }, `/run-hours?since=${lastDay()}`, { signal }));
    state.answers++;
  };
  const polls = atHome ? homePolls : integrationPolls(watched.configId);
  const asking = [...everywherePolls, ...polls].map(async ([path, seconds]) => {
    // They did not all come at once.
    await pause(((n * 61) % 100) * 10 * seconds, undefined, { signal }).catch(() => undefined);
    while (!signal.aborted) {
      await get(path);
      await pause(seconds * 1000, undefined, { signal });
    }
  });
  const lists = polls.map(([path]) => path).filter((path) => path !== '/run-hours');
  const followed = atHome ? null : watched;
  await untilOver([...asking, lookOn({ ...of, key }, { n, state, signal, get, lists, followed })], signal);
}

function lastDay(): string {
  return new Date((Math.floor(Date.now() / 3_600_000) - 23) * 3_600_000).toISOString();
}

async function drain(response: Response): Promise<void> {
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}`);
  await response.text();
}

// What is broken off at the end is no failure; anything else is.
async function untilOver(work: readonly Promise<void>[], signal: AbortSignal): Promise<void> {
  const ends = await Promise.allSettled(work);
  for (const end of ends) {
    if (end.status === 'rejected' && (!signal.aborted || (end.reason as Error).name !== 'AbortError')) throw end.reason;
  }
}

interface LookingOn extends Looking {
  get: (path: string) => Promise<void>;
  /** Asked for anew, once in ten seconds, after a run began or ended (src/web/queries/refresh-lists.ts). */
  lists: readonly string[];
  /** Whose run is followed: at its end what shows it is asked for at once. */
  followed: Watched | null;
}

interface Told {
  changed?: { id: string; status: string; config_id: string | null }[];
  holds: string;
  latest: string;
}

/** The one stream of a page, and what its events make the page ask for. */
async function lookOn(of: ViewersOptions, { n, state, signal, get, lists, followed }: LookingOn): Promise<void> {
  const response = await ask(of, '/events', { signal });
  if (!response.ok) throw new Error(`/events answered ${response.status}`);
  const failed: unknown[] = [];
  let [last, refreshedAt, isDue]: [Told | null, number, boolean] = [null, 0, false];
  const askFor = (paths: readonly string[]) => {
    refreshedAt = performance.now();
    for (const path of paths) void get(path).catch((error: unknown) => failed.push(error));
  };
  const refreshSoon = () => {
    if (isDue) return;
    isDue = true;
    const wait = Math.max(refreshedAt + 10_000 - performance.now(), (n * 37) % 1000);
    void pause(wait, undefined, { signal }).then(
      () => {
        if (isDue) askFor(lists);
        isDue = false;
      },
      () => undefined,
    );
  };
  for await (const told of eventsOf(response)) {
    state.events++;
    const ended = (told.changed ?? []).filter(({ status }) => status !== 'queued' && status !== 'in_progress');
    if (last !== null && last.holds !== told.holds) askFor(['/holds?limit=100']);
    if (last !== null && (ended.length > 0 || last.holds !== told.holds || last.latest !== told.latest)) refreshSoon();
    if (followed !== null && ended.some(({ config_id }) => config_id === followed.configId)) {
      isDue = false;
      askFor([...lists, `/sources/${followed.sourceId}`]);
    }
    last = told;
    if (failed.length > 0 && !signal.aborted) throw failed[0];
  }
}

async function* eventsOf(response: Response): AsyncGenerator<Told> {
  let text = '';
  for await (const part of (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
    text += part;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const found = /^event: (?:now|change)\ndata: (.+)$/m.exec(block);
      if (found !== null) yield JSON.parse(String(found[1])) as Told;
    }
  }
}
