// The rules of the house as a function over a map of files, so that a bad house can be shown to break every one.
import { posix } from 'node:path';
import { importsOf, resolveImport, type Sources } from '../scripts/read-sources.ts';

/** Room → floor. A room imports only rooms on lower floors; the files of the ground floor count as one room. */
export const floors: Readonly<Record<string, number>> = {
  ground: 1,
  catalog: 2,
  net: 2,
  db: 2,
  vault: 2,
  connectors: 3,
  records: 3,
  queue: 3,
  sync: 4,
  access: 4,
  notify: 4,
  api: 5,
  worker: 5,
  app: 5,
  cli: 6,
  web: 6,
};

const groundFiles = ['errors.ts', 'json.ts', 'log.ts', 'silent-log.ts', 'config.ts', 'known-secrets.ts'];
const nameless = new Set(['manager', 'service', 'helper', 'util', 'utils', 'common', 'shared', 'core', 'base', 'misc']);

/** A pattern that may stand only in files whose path matches `only` (tests of a room aside). */
interface Placed {
  rule: string;
  pattern: RegExp;
  only: RegExp;
}

const placed: readonly Placed[] = [
  {
    rule: 'process.env is read only in src/config.ts',
    pattern: /process\.env\b|\benv\b.*from 'node:process'|Deno\.env/,
    only: /^src\/config\.ts$/,
  },
  { rule: 'pg is named only in src/db/', pattern: /['"]pg(-copy-streams)?['"]/, only: /^src\/db\// },
  { rule: 'pg-boss is named only in src/queue/', pattern: /['"]pg-boss['"]/, only: /^src\/queue\// },
  {
    rule: 'SQL on our tables stands only in src/records/ and src/db/',
    // The _current views are what readers may name, e.g. an example in a help text.
    pattern:
      /\b(from|join|into|update|table|copy|only|exists)\s+"?(wand_)?integration_\w+\b(?<!_current)|\b(from|into|update)\s+"?tillsync_\w+/i,
    only: /^src\/(records|db)\//,
  },
  {
    rule: 'only src/net/ calls out (and a pretend POS listens)',
    pattern:
      /['"](undici(\/[^'"]*)?|node:(http|https|http2|net|tls|dgram))['"]|(await|return|yield|[=(,?:>])\s*(fetch\(|new (WebSocket|EventSource)\b)/,
    // A local lock is a socket that nobody outside can reach; the demo commands the pretend POS that it started; pages call their own API.
    only: /^src\/(net|db\/embedded|cli\/demo)\/|^src\/web\/call-api\.ts$|^src\/connectors\/(fake-pos|[^/]+\/fake[\w-]*|[^/]+\/fake\/[\w-]+)\.ts$/,
  },
  {
    rule: 'no text of a config or an answer is evaluated',
    pattern: /\beval\(|\bnew Function\(|['"](node:)?(vm|jsonata|jmespath)['"]|\bnew RegExp\(/,
    // Its expressions are made from PostgreSQL's own names.
    only: /^src\/db\/schema\//,
  },
  {
    rule: 'nothing is left undone or switched off',
    pattern: /\b(TODO|FIXME|XXX)\b|@ts-(ignore|nocheck)|\b(test|it|describe)\.(only|todo)\b/,
    only: /^$/,
  },
];

/** Connectors of no POS: what a config or a file is made of, words that stand elsewhere too. */
const withoutPos = new Set(['recipe', 'file']);

// As an id they stand beside what is named so: compared with it, or given to it.
const named = '\\b(?:\\w*[iI]d|connector)\\b';
const word = `(['"\`])(?:${[...withoutPos].join('|')})`;

/** One rule for each folder of a POS, and one for the others where their words are ids. */
function idRules(sources: Sources): Placed[] {
  const folders = [...sources.keys()].flatMap((path) => /^src\/connectors\/([^/]+)\//.exec(path)?.[1] ?? []);
  const rule = 'a connector id is spelled only in its own folder';
  const ofPos = [...new Set(folders)]
    .filter((id) => !withoutPos.has(id))
    .map((id) => ({
      rule,
      pattern: new RegExp(`(['"\`])${id}\\1`),
      only: new RegExp(`^src/connectors/${id}/`),
    }));
  const pattern = new RegExp(`${named}\\s*(?:[!=]==?|:)\\s*${word}\\1|${word}\\2\\s*[!=]==?\\s*[\\w.]*${named}`);
  return [...ofPos, { rule, pattern, only: new RegExp(`^src/connectors/(?:${[...withoutPos].join('|')})/`) }];
}

/** Every broken rule as `path: rule (detail)`, sorted; empty in a house that stands. */
export function brokenRules(sources: Sources): string[] {
  const broken: string[] = [];
  const rules = [...placed, ...idRules(sources)];
  for (const [path, text] of sources) {
    if (!path.startsWith('src/')) continue;
    broken.push(...aboutFile(path, text));
    if (path.endsWith('.test.ts')) continue;
    const code = withoutComments(text);
    for (const { rule, pattern, only } of rules) {
      const match = only.test(path) ? null : pattern.exec(code);
      if (match) broken.push(`${path}: ${rule} (${match[0].slice(0, 60)})`);
    }
    broken.push(...aboutImports(path, text));
  }
  return [...broken, ...crowdedRooms(sources), ...circles(sources)].sort();
}

function aboutFile(path: string, text: string): string[] {
  const broken: string[] = [];
  const [first = ''] = text.split('\n', 1);
  if (!/^\/\/ \S.*[.?]$/.test(first)) broken.push(`${path}: opens with one sentence that says what lives here`);
  const lines = text.split('\n').length - 1;
  // Tests are lists of cases; cutting one in two helps nobody.
  const most = path.endsWith('.test.ts') ? 600 : 300;
  if (lines > most && !/long because/i.test(first)) {
    broken.push(`${path}: at most ${most} lines, or the first line says "long because …" (${lines})`);
  }
  const bad = path.split(/[/.-]/).find((part) => nameless.has(part));
  if (bad) broken.push(`${path}: a name says what a thing does (${bad})`);
  return broken;
}

function aboutImports(path: string, text: string): string[] {
  const broken: string[] = [];
  if (path.startsWith('src/web/')) broken.push(...aboutPages(path, text));
  const room = roomOf(path);
  if (floors[room] === undefined) broken.push(`${path}: its room has a floor (${room})`);
  for (const { from } of importsOf(text)) {
    const target = resolveImport(path, from);
    if (target === null) continue;
    const other = roomOf(target);
    if (!target.startsWith('src/')) broken.push(`${path}: src/ imports only src/ (${from})`);
    else if (other !== room && !((floors[other] ?? 9) < (floors[room] ?? 0))) {
      broken.push(`${path}: a room imports only rooms on lower floors (${from})`);
    }
    if (room === 'connectors' && !['connectors', 'ground', 'net', 'catalog'].includes(other)) {
      broken.push(`${path}: a connector knows only net/ and catalog/ (${from})`);
    }
    if (room === 'connectors' && strangers(path, target)) broken.push(`${path}: connectors are strangers (${from})`);
  }
  return broken;
}

/** Pages run in a browser: of the server they know the types of its API, and nothing that would be bundled. */
function aboutPages(path: string, text: string): string[] {
  const other = [...text.matchAll(/^import\s+(type\s)?[^;]*?from\s+'(\.[^']+)'/gm)];
  return other.flatMap(([, asType, from = '']) => {
    const target = resolveImport(path, from) ?? '';
    const isOurs = target.startsWith('src/web/') || (asType !== undefined && target.startsWith('src/api/'));
    return isOurs ? [] : [`${path}: pages import only types of src/api/ (${from})`];
  });
}

function roomOf(path: string): string {
  const [, room = '', ...rest] = path.split('/');
  if (rest.length > 0) return room;
  return groundFiles.includes(room) || groundFiles.includes(room.replace('.test', ''))
    ? 'ground'
    : posix.parse(room).name;
}

function strangers(path: string, target: string): boolean {
  if (!target.startsWith('src/connectors/')) return false;
  const [mine, theirs] = [path, target].map((file) => file.split('/')[2]);
  // Folders of net/ and catalog/ are no connectors.
  return (
    target.startsWith('src/connectors/') &&
    target.split('/').length > 3 &&
    path.split('/').length > 3 &&
    mine !== theirs
  );
}

function crowdedRooms(sources: Sources): string[] {
  const folders = new Map<string, number>();
  for (const path of sources.keys()) {
    if (!path.startsWith('src/') || path.endsWith('.test.ts')) continue;
    const folder = posix.dirname(path);
    folders.set(folder, (folders.get(folder) ?? 0) + 1);
  }
  const crowded = [...folders].filter(([, files]) => files > 12);
  return crowded.map(([folder, files]) => `${folder}: at most 12 files in a folder (${files})`);
}

function circles(sources: Sources): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path))
      found.push(`${[...trail.slice(trail.indexOf(path)), path].join(' → ')}: no import circles`);
    if (done.has(path) || trail.includes(path)) return;
    for (const { from } of importsOf(sources.get(path) ?? '')) {
      const target = resolveImport(path, from);
      if (target !== null && sources.has(target)) walk(target, [...trail, path]);
    }
    done.add(path);
  };
  for (const path of sources.keys()) walk(path, []);
  return found;
}

/** The code without // and block comments; a // inside a string (a URL) stays. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/ .*$/gm, '$1');
}
