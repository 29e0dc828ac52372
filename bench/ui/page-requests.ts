// Every list that a page of the web UI asks for, alone, with each of its filters, and with each pair of them.
import { type FleetSize, fleetIds as ids, runsBetweenRows as step } from './fill-database.ts';

/** Where a caller may look: a stretch of sites, 1 to all of them. */
export interface Reach {
  from: number;
  to: number;
}

export interface PageRequest {
  page: string;
  /** What is filtered by, e.g. 'status + trigger'; '' = nothing. */
  filters: string;
  /** The address of the n-th sample, below /api/v1. */
  path(n: number): string;
  /** Only for who may administer everything, or at places. */
  admin?: boolean;
  /** The time to the first byte is what counts. */
  isFile?: boolean;
}

type Values = Readonly<Record<string, (n: number) => Record<string, string>>>;

const dayMs = 86_400_000;

/** All of them for a caller with this reach; samples differ, so that no cache answers for the disk. */
export function pageRequests(size: FleetSize, reach: Reach): PageRequest[] {
  const sites = reach.to - reach.from + 1;
  const site = (n: number) => reach.from + ((n * 37) % sites);
  const runOf = (n: number) => ids.run(ownRun(size, site(n), n));
  return [
    ...combined('history', '/runs', historyFilters(site)),
    ...homeRequests(),
    one('integration', 'its runs', (n) => `/runs?limit=10&config_id=${ids.config(site(n))}`),
    ...combined('catalog', '/items', catalogFilters(site)),
    one('item', 'in the drawer', (n) => `/items/p-7?kind=products&source_id=${ids.source(site(n))}`),
    one('item', 'price history', (n) => `/items/p-7/history?kind=products&source_id=${ids.source(site(n))}`),
    one('run', 'itself', (n) => `/runs/${runOf(n)}`),
    one('run', 'changes', (n) => `/runs/${runOf(n)}/changes?limit=100`),
    one('run', 'rejects', (n) => `/runs/${runOf(n)}/rejects?limit=100`),
    one('run', 'duplicates', (n) => `/runs/${runOf(n)}/duplicates?limit=100`),
    one('run', 'log', (n) => `/runs/${runOf(n)}/log?limit=500`),
    one('run', 'children', (n) => `/runs?limit=100&parent_id=${runOf(n)}`),
    ...combined('audit', '/audit', auditFilters(site)).map((each) => ({ ...each, admin: true })),
    { ...one('audit', 'export, first byte', () => '/audit/export?format=csv'), admin: true, isFile: true },
    one('hierarchy', 'sites', () => '/sites?limit=1000'),
    { ...one('keys', '', () => '/keys?limit=100'), admin: true },
    { ...one('people', '', () => '/users?limit=100'), admin: true },
  ];
}

function homeRequests(): PageRequest[] {
  return [
    one('home', 'holds', () => '/holds?limit=100'),
    one('home', 'under way', () => '/runs?limit=200&active=true'),
    one('home', 'recent', () => '/runs?limit=5'),
    one('home', 'last 24 hours', (n) => `/run-hours?since=${hourBefore(24, n)}`),
    one('home', 'integrations', () => '/configs?limit=1000'),
    one('home', 'sources and their items', () => '/sources?limit=100'),
  ];
}

function one(page: string, filters: string, path: (n: number) => string): PageRequest {
  return { page, filters, path };
}

// What is asked for most, what is rare, and what nobody has.
function historyFilters(site: (n: number) => number): Values {
  return {
    config: (n) => ({ config_id: ids.config(site(n)) }),
    source: (n) => ({ source_id: ids.source(site(n)) }),
    'status success': () => ({ status: 'success' }),
    'status failed': () => ({ status: 'failed' }),
    'status held': () => ({ status: 'held' }),
    'trigger schedule': () => ({ trigger: 'schedule' }),
    'trigger cli': () => ({ trigger: 'cli' }),
    'trigger demo (none)': () => ({ trigger: 'demo' }),
    day: (n) => dayBefore(1 + ((n * 13) % 360)),
    'deep page': (n) => ({ cursor: cursorBefore(30 + ((n * 17) % 320)) }),
  };
}

function catalogFilters(site: (n: number) => number): Values {
  return {
    source: (n) => ({ source_id: ids.source(site(n)) }),
    products: () => ({ kind: 'products' }),
    discounts: () => ({ kind: 'discounts' }),
    'text in many': () => ({ search: 'ramen' }),
    'text in few': (n) => ({ search: `gyoza ${1000 + ((n * 131) % 3900)}` }),
    'text in none': (n) => ({ search: `nobody has ${n}` }),
    'removed too': () => ({ removed: 'all' }),
    'only removed': () => ({ removed: 'true' }),
    'external id': (n) => ({ external_id: `p-${1 + ((n * 29) % 300)}` }),
    'deep page': (n) => ({ cursor: itemCursor(ids.source(site(n)), n) }),
  };
}

function auditFilters(site: (n: number) => number): Values {
  return {
    actor: (n) => ({ actor: `user:person${n % 200}@example.com` }),
    'actor (none)': () => ({ actor: 'user:nobody@example.com' }),
    action: () => ({ action: 'hold.approved' }),
    'all of a subject': () => ({ action: 'key' }),
    'action (none)': () => ({ action: 'vault.rotated' }),
    subject: (n) => ({ subject: ids.config(site(n)) }),
    day: (n) => {
      const { since, until } = dayBefore(1 + ((n * 13) % 360));
      return { from: since, to: until };
    },
    'deep page': (n) => ({ cursor: cursorBefore(30 + ((n * 17) % 320)) }),
  };
}

function combined(page: string, path: string, filters: Values): PageRequest[] {
  const names = Object.keys(filters);
  const pairs = names.flatMap((name, at) => names.slice(at + 1).map((other) => [name, other]));
  return [[], ...names.map((name) => [name]), ...pairs].filter(isPossible).map((chosen) => ({
    page,
    filters: chosen.join(' + '),
    path: (n) => {
      const query = Object.assign({ limit: '50' }, ...chosen.map((name) => filters[name]?.(n)));
      return `${path}?${new URLSearchParams(query)}`;
    },
  }));
}

// Two values of one filter are no pair.
const families = [/^status/, /^trigger/, /^text/, /^(products|discounts)$/, /removed/, /^actor/, /^(action|all of)/];

function isPossible(chosen: readonly string[]): boolean {
  return families.every((family) => chosen.filter((name) => family.test(name)).length < 2);
}

function dayBefore(days: number): { since: string; until: string } {
  const start = Math.floor(Date.now() / dayMs) * dayMs - days * dayMs;
  return { since: new Date(start).toISOString(), until: new Date(start + dayMs).toISOString() };
}

function hourBefore(hours: number, n: number): string {
  return new Date((Math.floor(Date.now() / 3_600_000) - hours - (n % 2)) * 3_600_000).toISOString();
}

// As the lists give them out (src/records/cursor.ts): where a page so many days ago ended.
const cursor = (values: readonly (string | number)[]) => Buffer.from(JSON.stringify(values)).toString('base64url');
const cursorBefore = (days: number) =>
  cursor([
    `${new Date(Date.now() - days * dayMs).toISOString().slice(0, -1)}000Z`,
    '80000000-0000-4000-8000-000000000000',
  ]);
const itemCursor = (source: string, n: number) => cursor(['modifiers', source, `m-${n}`, 1, 'group-7']);

/** A run of a site that has changes and rejects. */
function ownRun({ runs, sites }: FleetSize, site: number, n: number): number {
  for (let run = step * (1 + ((n * 101) % Math.floor(runs / step / 2))); run <= runs; run += step) {
    if (1 + ((run * 7919) % sites) === site) return run;
  }
  return runs;
}
