// Latency of every list that a page asks for, over HTTP, for callers who see everything, a company, or one site.
import { createKey } from '../../src/access/create-key.ts';
import type { Database } from '../../src/db/database.ts';
import { quantile } from '../measure/statistics.ts';
import { seeded, shuffled } from '../random.ts';
import type { FleetSize } from './fill-database.ts';
import { type PageRequest, pageRequests, type Reach } from './page-requests.ts';

/** One list with one set of filters, for one caller. */
export interface PageLatency {
  caller: string;
  page: string;
  filters: string;
  samples: number;
  p50: number;
  p95: number;
}

interface Caller {
  name: string;
  key: string;
  reach: Reach;
}

interface Call {
  caller: Caller;
  request: PageRequest;
  n: number;
}

/**
 * Asks for each list `samples` times, all lists and callers in a shuffled order, so that no list meets only its own pages in the
 * caches; one round before is not counted.
 */
export async function measurePages(of: {
  database: Database;
  url: string;
  size: FleetSize;
  samples: number;
  log: (line: string) => void;
}): Promise<PageLatency[]> {
  const callers = await makeCallers(of.database, of.size);
  const calls = callers.flatMap((caller) =>
    pageRequests(of.size, caller.reach).flatMap((request) =>
      Array.from({ length: of.samples + 1 }, (_, n): Call => ({ caller, request, n })),
    ),
  );
  const taken = new Map<string, { call: Call; ms: number[] }>();
  const first = calls.filter(({ n }) => n === 0);
  for (const call of [
    ...first,
    ...shuffled(
      seeded(7),
      calls.filter(({ n }) => n > 0),
    ),
  ]) {
    const ms = await timed(of.url, call);
    const name = `${call.caller.name} ${call.request.page} ${call.request.filters}`;
    const found = taken.get(name) ?? { call, ms: [] };
    if (call.n > 0) found.ms.push(ms);
    taken.set(name, found);
  }
  of.log(`pages: ${calls.length} calls`);
  const latencies = [...taken.values()].map(({ call, ms }) => ({
    caller: call.caller.name,
    page: call.request.page,
    filters: call.request.filters,
    samples: ms.length,
    p50: quantile(ms, 0.5),
    p95: quantile(ms, 0.95),
  }));
  for (const { caller, page, filters, p50, p95 } of latencies.toSorted((a, b) => b.p95 - a.p95).slice(0, 12)) {
    of.log(`slowest: ${page}, ${filters}, ${caller}: p50 ${p50.toFixed(0)}, p95 ${p95.toFixed(0)} ms`);
  }
  return latencies;
}

async function makeCallers(database: Database, { sites }: FleetSize): Promise<Caller[]> {
  const made = async (name: string, level: 'all' | 'company' | 'site', levelId: string | null) => {
    return (await createKey(database, { name, createdBy: 'bench', access: 'admin', level, levelId })).key;
  };
  return [
    { name: 'everything', key: await made('all', 'all', null), reach: { from: 1, to: sites } },
    { name: 'a company', key: await made('company', 'company', '3'), reach: { from: 21, to: 30 } },
    { name: 'one site', key: await made('site', 'site', '17'), reach: { from: 17, to: 17 } },
  ];
}

// Of people and of the hierarchy above them, whose scope is one place may not ask.
const refused = new Set([403, 404]);

async function timed(url: string, { caller, request, n }: Call): Promise<number> {
  const begun = performance.now();
  const response = await fetch(`${url}/api/v1${request.path(n)}`, {
    headers: { authorization: `Bearer ${caller.key}` },
  });
  if (request.isFile) {
    const reader = response.body?.getReader();
    await reader?.read();
    const ms = performance.now() - begun;
    await reader?.cancel();
    return ms;
  }
  const text = await response.text();
  const ms = performance.now() - begun;
  if (response.status !== 200 && !refused.has(response.status)) {
    throw new Error(`${request.path(n)} answered ${response.status}: ${text.slice(0, 300)}`);
  }
  return ms;
}
