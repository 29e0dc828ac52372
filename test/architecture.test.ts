// The house stands: every rule of ARCHITECTURE.md on the real source, and on a bad house that must break each of them.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findUnused } from '../scripts/find-unused.ts';
import { importsOf, readSources } from '../scripts/read-sources.ts';
import { brokenRules } from './house-rules.ts';

const root = join(import.meta.dirname, '..');
const house = readSources(root, ['src']);
const badHouse = readSources(join(root, 'test/fixtures/bad-house'), ['src']);

describe('the house', () => {
  test('every rule holds in src/', () => {
    expect(house.size).toBeGreaterThan(20);
    expect(brokenRules(house)).toEqual([]);
  });

  test('a bad house breaks every rule, and nothing else is said about it', () => {
    expect(brokenRules(badHouse)).toEqual([
      'src/api/answer.ts → src/sync/reads-below-and-above.ts → src/api/answer.ts: no import circles',
      "src/api/answer.ts: a connector id is spelled only in its own folder ('qu')",
      'src/catalog/calls-home.ts: nothing is left undone or switched off (TODO)',
      'src/catalog/calls-home.ts: only src/net/ calls out (and a pretend POS listens) (await fetch()',
      'src/connectors/square/index.ts: a connector knows only net/ and catalog/ (../../db/open.ts)',
      'src/connectors/square/index.ts: connectors are strangers (../qu/index.ts)',
      "src/db/open.ts: pg-boss is named only in src/queue/ ('pg-boss')",
      'src/services/catalog-helper.ts: a name says what a thing does (helper)',
      'src/services/catalog-helper.ts: its room has a floor (services)',
      'src/services/catalog-helper.ts: src/ imports only src/ (../../scripts/check.ts)',
      'src/sync/reads-below-and-above.ts: SQL on our tables stands only in src/records/ and src/db/ (from integration_products)',
      'src/sync/reads-below-and-above.ts: a room imports only rooms on lower floors (../api/answer.ts)',
      'src/sync/reads-below-and-above.ts: opens with one sentence that says what lives here',
      "src/sync/reads-below-and-above.ts: pg is named only in src/db/ ('pg')",
      'src/sync/reads-below-and-above.ts: process.env is read only in src/config.ts (process.env)',
      'src/web/bundles-the-server.ts: pages import only types of src/api/ (../api/answer.ts)',
    ]);
  });

  test('F40: nothing evaluates a text that a config or a POS gives, so none can loop or explode', () => {
    const evaluates = ['eval(text)', 'new Function(text)', 'new RegExp(text)', "import vm from 'node:vm'"];
    for (const code of evaluates) {
      const [broken] = brokenRules(new Map([['src/sync/mapping.ts', `// A mapping.\n${code};\n`]]));
      expect(broken).toContain('no text of a config or an answer is evaluated');
    }
    expect(brokenRules(house)).toEqual([]);
  });

  test('an id of a connector is seen in pages, too, also where it is a word that stands elsewhere as a word', () => {
    const told = (code: string) => brokenRules(new Map([['src/web/pages/list.tsx', `// A list.\n${code};\n`]]));
    for (const code of [
      `c.id !== 'file'`,
      `id === "recipe"`,
      `'file' === c.connector_id`,
      `x = { connectorId: 'file' }`,
    ]) {
      expect(told(code)).toEqual([expect.stringContaining('a connector id is spelled only in its own folder')]);
    }
    expect(told(`form = { source: 'file', type: 'recipe' }`)).toEqual([]);
  });

  test('a file of more than 300 lines must say why in its first line, and a folder holds at most 12 files', () => {
    const long = (first: string) => new Map([['src/sync/long.ts', `${first}\n${'export {};\n'.repeat(300)}`]]);
    expect(brokenRules(long('// A long file.'))).toEqual([
      'src/sync/long.ts: at most 300 lines, or the first line says "long because …" (301)',
    ]);
    expect(brokenRules(long('// A table, long because it lists all codes.'))).toEqual([]);
    const files = Array.from({ length: 13 }, (_, i) => [`src/sync/file-${i}.ts`, '// One of many.\n'] as const);
    expect(brokenRules(new Map(files))).toEqual(['src/sync: at most 12 files in a folder (13)']);
  });

  test('imports are seen in every form that TypeScript allows', () => {
    const text = `import { a, type B, c as d } from './one.ts';
import type { E } from './two.ts';
import whole, * as all from 'three';
import './four.ts';
export { f } from './five.ts';
const { g } = await import('./six.ts');
import {
  h,
} from './seven.ts';
`;
    expect(importsOf(text)).toEqual([
      { from: './one.ts', names: ['a', 'B', 'c'] },
      { from: './two.ts', names: ['E'] },
      { from: 'three', names: ['default', '*'] },
      { from: './four.ts', names: [] },
      { from: './five.ts', names: ['f'] },
      { from: './seven.ts', names: ['h'] },
      { from: './six.ts', names: ['g'] },
    ]);
  });

  test('an export that nothing imports is found, one that a test imports is not', () => {
    const sources = new Map([
      ['src/a.ts', 'export const used = 1;\nexport const unused = 2;\nexport interface Lonely {}\n'],
      ['src/a.test.ts', "import { used } from './a.ts';\n"],
    ]);
    expect(findUnused(sources)).toEqual(['src/a.ts: unused', 'src/a.ts: Lonely']);
  });
});
