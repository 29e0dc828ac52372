// SQL text is fixed text: what comes from outside goes along as parameters, and every piece that is put into a statement is listed here.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSources } from '../scripts/read-sources.ts';

const root = join(import.meta.dirname, '..');

/** One `${…}` in a statement. */
interface Hole {
  path: string;
  expression: string;
}

const fixedNames = 'names of our own tables and columns, from a fixed map';
const oneOfTwo = 'one of two fixed texts';

/** In src/records: pieces that are not constants of their file, and why none of them can be anybody's input. */
const pieces: readonly (readonly [path: RegExp, expression: RegExp, why: string])[] = [
  [/^/, /^[^`]* \? ['`][^$]*['`] : ['`][^$]*['`]$/, oneOfTwo],
  [/^/, /^(itemTables|tables|own)\[(kind|of\.kind|level)\](\.table)?$/, fixedNames],
  [
    /items\/|lint\/|sources\//,
    /^(table|own|kind|select|source|sets?\.join\(.*\)|(columns|parameters|lists|tables)\.join\(.*\)|some\.join\(.*\)|hashedCounts\.join\(.*\)|columns\.map\(.*\)|Object\.values\(itemTables\)[\s\S]*)$/,
    fixedNames,
  ],
  [
    /items\//,
    /^(column|(itemIn|stated)\('\$\d'\)|fingerprintDigits \/ 2|keyHasPath \? `, \$\{path\}` : ''|match|ofKeys(\.replace\(.*\))?|sameKey|isFound|price|path)$/,
    'a comparison of our own columns, made above from fixed texts',
  ],
  [/items\/read-keys/, /^uuidLiteral\(of\.sourceId\)$/, 'COPY takes no parameters; what is no uuid throws'],
  [/hierarchy\/write-hierarchy/, /^(table|above|of\.mode)$/, 'a fixed map by level, and one of two words'],
  [/hierarchy\/read-hierarchy/, /^(table|above)$/, 'a fixed map by level'],
  [/lint\//, /^kind === 'discounts' \? 'external_id' : itemOrder$/, oneOfTwo],
  [/retention\//, /^(table|of\.table|statuses|first\('\w+'\))$/, fixedNames],
  [
    /access\/places/,
    /^(level|id|placeWithin\([^$]*\))$/,
    'names of columns that the callers, all of them here, write out',
  ],
  [
    /rejects\/runs-with-rejects/,
    /^(run|column|mostRunsSinceWhole)$/,
    'names of columns and aliases, written out in this very file',
  ],
  [/recipes\/stored-recipes/, /^locked$/, oneOfTwo],
  [
    /audit\/read-audit/,
    /^(column|at \+ 9|scope\.all \? everywhere : ofPlaces)$/,
    'one of two statements, and fixed columns',
  ],
  [
    /items\/list\/item-parts/,
    /^(text|perLook|limit|keys|wanted|keyHasPath \? itemOrder : 'external_id')$/,
    'numbers of parameters, and conditions made above from fixed texts',
  ],
  [/metrics\/count-run-hours/, /^(kind|name)$/, 'kinds and names of counts, written out in this very file'],
  [/runs\/read-runs/, /^isOwn \? wantedOfOwn : wanted$/, oneOfTwo],
  [/runs\/read-now/, /^isOwn \? newestOfOwn : newest$/, oneOfTwo],
  [/people\//, /^(columns|entries|chosen)$/, fixedNames],
  [/runs\/read-changes/, /^(path|table|samePath|changed|created|half|firstOf\(\w+\))$/, fixedNames],
  [/runs\/lease-run/, /^marks$/, 'a comparison of our own columns, made above from fixed texts'],
  [
    /sources\/remembered/,
    /^cte$/,
    'the name of a part of the statement, written out by the callers, all of them in records/',
  ],
  [/vault\//, /^(column|(tables|counts)\.join\(.*\)|all|table|owner|part|fields|place|keyId|set|waits.*)$/, fixedNames],
  [/upstream\/breaker/, /^lock$/, oneOfTwo],
  [/owners\//, /^(lateAndFree|isLate)$/, 'a comparison of our own columns'],
];

/** Files of src/db that put names into statements, and where these come from. */
const inDb: Readonly<Record<string, string>> = {
  'src/db/adopt/': 'the legacy tables by their known names; names of the catalogs are quoted by quoteName()',
  'src/db/backup/': 'tables and columns as the catalogs, or a manifest that is checked against them, name them, quoted',
  'src/db/database.ts': 'a role of ours',
  'src/db/embedded/': 'roles of ours; the password is made here and escaped by the driver',
  'src/db/keys/': 'the key definitions of ours; names of the catalogs are quoted by quoteName()',
  'src/db/open-pool.ts': 'a role of ours, and whether it lasts as long as the transaction',
  'src/db/roles/': 'roles and tables of ours; the login and names of the catalogs are quoted',
  'src/db/schema/': 'fixed texts; the rest is printed, not run',
  'src/db/transaction-settings.ts': 'numbers and switches of ours',
  'src/db/verify/': 'the expected tables of ours; names of the catalogs are quoted by quoteName()',
};

describe('SQL text', () => {
  const holes = [...readSources(root, ['src'])]
    .filter(([path]) => /^src\/(records|db)\//.test(path) && !path.endsWith('.test.ts'))
    .flatMap(([path, text]) => holesOf(path, text).filter((hole) => !isConstant(hole.expression, text)));

  test('S01: everything that is put into a statement in src/records is a constant of ours, or listed with its reason', () => {
    expect(holes.length).toBeGreaterThan(100);
    const unlisted = holes.filter(
      ({ path, expression }) =>
        path.startsWith('src/records/') && !pieces.some(([where, what]) => where.test(path) && what.test(expression)),
    );
    expect(unlisted.map(({ path, expression }) => `${path}: ${expression}`)).toEqual([]);
  });

  test('S01: files of src/db that put names into statements are listed with where these come from', () => {
    const unlisted = holes.filter(
      ({ path }) => path.startsWith('src/db/') && !Object.keys(inDb).some((listed) => path.startsWith(listed)),
    );
    expect(unlisted.map(({ path, expression }) => `${path}: ${expression}`)).toEqual([]);
  });

  test('S01: no statement is put together by + from anything', () => {
    const joined = [...readSources(root, ['src'])].filter(
      ([path, text]) => !path.endsWith('.test.ts') && /\.query(<[^(]*>)?\(\s*[^()`,]*['`]\s*\+/.test(text),
    );
    expect(joined.map(([path]) => path)).toEqual([]);
  });

  test('the lint sees what a request would put into a statement', () => {
    const bad =
      'const order = 1;\nq.query(`select * from t where name = $1 order by @{filter.sort} @{order}`);'.replaceAll(
        '@',
        '$',
      );
    const found = holesOf('src/records/bad.ts', bad).filter((hole) => !isConstant(hole.expression, bad));
    expect(found).toEqual([{ path: 'src/records/bad.ts', expression: 'filter.sort' }]);
    expect(pieces.some(([where, what]) => where.test('src/records/bad.ts') && what.test('filter.sort'))).toBe(false);
  });

  test('no statement has words that PostgreSQL 15 does not know', () => {
    const newer = [...readSources(root, ['src'])]
      .filter(([path]) => !path.endsWith('.test.ts') && !path.startsWith('src/web/'))
      .flatMap(([path, text]) => [...text.matchAll(since16)].map(([word]) => `${path}: ${word}`))
      .filter((found) => !asked.includes(found));
    expect(newer).toEqual([]);
    const seen = 'select any_value(a), uuidv7() returning old.id from json_table (b)'.match(since16);
    expect(seen).toEqual(['any_value(', 'uuidv7(', 'returning old.', 'json_table (']);
  });

  test('S04: nothing starts a shell, and only the embedded PostgreSQL and the command start a process', () => {
    const starting = [...readSources(root, ['src'])].filter(
      ([path, text]) => !path.endsWith('.test.ts') && /node:child_process|node:worker_threads|node:cluster/.test(text),
    );
    const allowed = /^src\/(db\/embedded|cli)\//;
    expect(starting.map(([path]) => path).filter((path) => !allowed.test(path))).toEqual([]);
    expect(
      starting
        .filter(([, text]) => /\bexec(Sync)?\(|shell: /.test(text.replaceAll(/\.exec\(/g, '')))
        .map(([path]) => path),
    ).toEqual([]);
  });
});

/** What came with 16, 17 and 18, as far as a statement of ours could want it. */
const since16 =
  /\b(any_value|random_normal|array_(sample|shuffle|sort|reverse)|pg_input_is_valid|date_(add|subtract)|system_user|json_(table|query|value|exists|array|arrayagg|objectagg|scalar|serialize)|merge_action|to_(bin|oct)|uuidv[47]|casefold|crc32c?|unicode_assigned|uuid_extract_\w+|pg_get_acl)\s?\(|\bis( not)? json\b|\bmatched by source\b|\btransaction_timeout\b|\breturning (old|new)\b\.?|\bwithout overlaps\b|\bgenerated always as \([^)]*\) virtual\b/g;
/** A setting that is asked for by its name, and a default that is compared with what a server of 18 says. */
const asked: readonly string[] = [
  'src/db/facts/server-details.ts: transaction_timeout',
  'src/db/schema/format-schema.ts: uuidv7(',
  'src/db/schema/read-schema.ts: uuidv7(',
];

/** A constant of the file or of another file of ours: its name, or a function of such with fixed texts. */
function isConstant(expression: string, text: string): boolean {
  const name = /^(\w+)(\((?:'[^']*'|\w+|`'[^`]*'`|[,\s]|\w+\.\w+)*\))?$/.exec(expression)?.[1];
  if (name === undefined) return false;
  const isCall = expression.endsWith(')');
  if (isCall)
    return new RegExp(`^(export )?(async )?(function ${name}\\b|const ${name} = )|import [^;]*\\b${name}\\b`, 'm').test(
      text,
    );
  return new RegExp(`^(export )?const ${name}\\b|^import [^;]*\\b${name}\\b`, 'm').test(text);
}

const statement =
  /^\s*\(?\s*(with|select|insert|update|delete|create|alter|drop|set|truncate|copy|lock|grant|revoke|analyze|vacuum|exists|case|coalesce)\b/i;
const clause = /\b(from|where|join|and|or|set)\b[\s\S]*(\$\d|=)/;

/** Every hole of a template that reads like SQL. */
function holesOf(path: string, text: string): Hole[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/ .*$/gm, '$1');
  return templatesOf(code)
    .filter(({ fixed }) => statement.test(fixed) || clause.test(fixed))
    .flatMap(({ holes }) => holes.map((expression) => ({ path, expression })));
}

interface Template {
  fixed: string;
  holes: string[];
}

/** The template literals of a program, those inside holes too. */
function templatesOf(code: string): Template[] {
  const found: Template[] = [];
  let at = 0;
  while (at < code.length) {
    const sign = code[at];
    if (sign === '`') at = readTemplate(code, at, found);
    else if (sign === "'" || sign === '"') at = afterText(code, at);
    else at++;
  }
  return found;
}

function afterText(code: string, start: number): number {
  let at = start + 1;
  while (at < code.length && code[at] !== code[start] && code[at] !== '\n') at += code[at] === '\\' ? 2 : 1;
  return at + 1;
}

function readTemplate(code: string, start: number, found: Template[]): number {
  const template: Template = { fixed: '', holes: [] };
  let at = start + 1;
  while (at < code.length && code[at] !== '`') {
    if (code.startsWith('${', at)) {
      const end = endOfHole(code, at + 2, found);
      template.holes.push(code.slice(at + 2, end));
      at = end + 1;
    } else {
      template.fixed += code[at];
      at += code[at] === '\\' ? 2 : 1;
    }
  }
  found.push(template);
  return at + 1;
}

function endOfHole(code: string, start: number, found: Template[]): number {
  let depth = 0;
  let at = start;
  while (at < code.length && (depth > 0 || code[at] !== '}')) {
    const sign = code[at];
    if (sign === '`') at = readTemplate(code, at, found);
    else if (sign === "'" || sign === '"') at = afterText(code, at);
    else {
      depth += sign === '{' ? 1 : sign === '}' ? -1 : 0;
      at++;
    }
  }
  return at;
}
