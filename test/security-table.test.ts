// SECURITY.md is true: every check S01 to S60 has its row, every named test exists, and what is open is known.
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { anchorsOf } from './read-documents.ts';

const root = join(import.meta.dirname, '..');
const page = readFileSync(join(root, 'SECURITY.md'), 'utf8');
const rows = [...page.matchAll(/^\| (S\d\d) \| (.+?) \| (.+) \|$/gm)].map(([, check, what, proof]) => ({
  check: String(check),
  what: String(what),
  proofs: String(proof).split('<br>'),
}));

/** Checks that nothing proves yet. A row that says open and is not here fails, and so does one that is here and is proven. */
const open: string[] = [];

describe('the table of checks', () => {
  test('has a row for each of S01 to S60, in order', () => {
    const all = Array.from({ length: 60 }, (_, at) => `S${String(at + 1).padStart(2, '0')}`);
    expect(rows.map(({ check }) => check)).toEqual(all);
  });

  test('names tests that exist, by their exact names, and documents that exist', () => {
    const wrong = rows.flatMap(({ check, proofs }) =>
      proofs
        .filter((proof) => !isOpen(proof) && !isTest(proof) && !isDocument(proof))
        .map((proof) => `${check}: ${proof}`),
    );
    expect(wrong).toEqual([]);
  });

  test('says open only where this test knows of it', () => {
    expect(rows.filter(({ proofs }) => proofs.some(isOpen)).map(({ check }) => check)).toEqual(open);
  });
});

describe('the ASVS 5.0 page', () => {
  const text = readFileSync(join(root, 'docs/reference/asvs.md'), 'utf8');
  const decided = [
    ...text.matchAll(/^\| V(\d+)\.(\d+)\.(\d+) \| ([12]) \| (.+?) \| (met|not applicable|not met) \| (.+) \|$/gm),
  ];

  // Requirements of each chapter at level 1 and at level 2, as the standard counts them.
  const perChapter = [
    ...[
      [8, 19],
      [4, 7],
      [8, 11],
      [2, 8],
      [4, 5],
      [13, 22],
      [6, 12],
      [4, 3],
      [4, 3],
    ],
    ...[
      [5, 24],
      [3, 11],
      [3, 6],
      [1, 12],
      [2, 7],
      [3, 10],
      [0, 16],
      [0, 7],
    ],
  ];

  test('decides each of the 70 requirements of level 1 and the 183 of level 2, once', () => {
    const counted = perChapter.map((_, at) =>
      ['1', '2'].map((level) => decided.filter((row) => row[1] === String(at + 1) && row[4] === level).length),
    );
    expect(counted).toEqual(perChapter);
    expect(new Set(decided.map((row) => row.slice(1, 4).join('.'))).size).toBe(253);
    expect(text.match(/^\| V\d/gm)).toHaveLength(253);
    expect(['1', '2'].map((level) => decided.filter((row) => row[4] === level).length)).toEqual([70, 183]);
  });

  test('says of each that is not met why, and of each that is met by which check or document', () => {
    const unfounded = decided.filter((row) => row[6] === 'met' && !/S\d\d|\]\(|`/.test(String(row[7])));
    expect(unfounded.map((row) => `V${row.slice(1, 4).join('.')}`)).toEqual([]);
    const unexplained = decided.filter((row) => row[6] !== 'met' && String(row[7]).length < 8);
    expect(unexplained).toEqual([]);
  });
});

function isOpen(proof: string): boolean {
  return proof.startsWith('open: ');
}

/** `file`: name, where the file has a test or a group of exactly that name. */
function isTest(proof: string): boolean {
  const [, file, name] = /^`([\w./-]+\.test\.ts)`: (.+)$/.exec(proof) ?? [];
  if (file === undefined || name === undefined || !existsSync(join(root, file))) return false;
  const text = readFileSync(join(root, file), 'utf8').replaceAll("\\'", "'");
  return ["'", '"', '`'].some(
    (quote) => text.includes(`(${quote}${name}${quote},`) || text.includes(`(\n    ${quote}${name}${quote},`),
  );
}

function isDocument(proof: string): boolean {
  const [, path, anchor] = /^\[[^\]]+\]\(([\w./-]+\.md)(?:#([\w-]+))?\)$/.exec(proof) ?? [];
  if (path === undefined || !existsSync(join(root, posix.normalize(path)))) return false;
  return anchor === undefined || anchorsOf(readFileSync(join(root, path), 'utf8')).has(anchor);
}
