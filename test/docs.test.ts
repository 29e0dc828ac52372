// The documents are true: links lead somewhere, every error code has its page, named tests exist, generated pages are current.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSources } from '../scripts/read-sources.ts';
import { staleDocuments } from '../scripts/write-docs.ts';
import { makeMetrics } from '../src/api/metrics/metric-set.ts';
import { lintRules } from '../src/catalog/lint/lint-rules.ts';
import { connector } from '../src/connectors/qu/index.ts';
import { guardDefaults } from '../src/sync/plan/guard.ts';
import { errorCodes } from './error-codes.ts';
import { anchorsOf, expectedPattern, linksOf, readDocuments, runnableBlocks } from './read-documents.ts';

const root = join(import.meta.dirname, '..');
const documents = readDocuments(root);
const sources = readSources(root, ['src', 'test', 'scripts']);
const textOf = (path: string) => documents.get(path) ?? '';

describe('documents', () => {
  test('every link leads to a file, and every anchor to a heading', () => {
    const broken: string[] = [];
    for (const [path, text] of documents) {
      for (const { target, anchor } of linksOf(path, text)) {
        if (!existsSync(join(root, target))) broken.push(`${path} → ${target}`);
        else if (anchor !== '' && !anchorsOf(textOf(target)).has(anchor)) broken.push(`${path} → ${target}#${anchor}`);
      }
    }
    expect(broken).toEqual([]);
  });

  test('every page that a message or a comment of the source names exists', () => {
    const missing: string[] = [];
    for (const [path, text] of sources) {
      for (const [page] of text.matchAll(/\bdocs\/[\w/-]+\.md\b/g)) {
        if (!existsSync(join(root, page))) missing.push(`${path}: ${page}`);
      }
    }
    expect(missing).toEqual([]);
  });

  test('commands, settings, licences and .env.example are what the source says', async () => {
    expect(await staleDocuments()).toEqual([]);
  });

  test('every error code has a section with what happened, the effect and the fix, and every section a code', () => {
    const sections = textOf('docs/reference/errors.md').split(/^### /m).slice(1);
    const described = new Map(sections.map((section) => [section.split('\n', 1)[0], section]));
    expect([...described.keys()].sort()).toEqual([...errorCodes(sources)].sort());
    const complete = /^\w+\n\n\*\*.+\*\* .+\n\n- Effect: .+\n- Fix: .+\n/;
    const incomplete = sections.filter((section) => !complete.test(section));
    expect(incomplete).toEqual([]);
  });

  test('every invariant names a test that exists', () => {
    const rows = textOf('ARCHITECTURE.md').matchAll(/^\| .*\| `([\w./-]+\.test\.ts)`(?:: (.+?))? \|$/gm);
    const named = [...rows].map(([, file, name]) => ({ file: String(file), name }));
    expect(named.length).toBeGreaterThan(9);
    const missing = named.filter(({ file, name }) => {
      const text = existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : undefined;
      return text === undefined || (name !== undefined && !text.includes(name));
    });
    expect(missing).toEqual([]);
  });

  test('every rule and limit of the guard, and every setting of Qu, is described', () => {
    const guardPage = textOf('docs/explanation/guard.md');
    const rules = [...(sources.get('src/sync/plan/guard.ts') ?? '').matchAll(/\b(?:rule\(|rule: )'(\w+)'/g)].map(
      ([, rule]) => rule,
    );
    expect(rules.length).toBeGreaterThan(5);
    expect([...rules, ...Object.keys(guardDefaults)].filter((name) => !guardPage.includes(`${name}`))).toEqual([]);
    const quPage = textOf('docs/how-to/connect-qu.md');
    const named = [...Object.keys(connector.settings.shape), ...connector.secretFields];
    expect(named.filter((name) => !quPage.includes(`\`${name}\``))).toEqual([]);
  });

  test('every rule of the lint is described with its severity', () => {
    const page = textOf('docs/how-to/lint-a-catalog.md');
    const rows = Object.entries(lintRules).map(([rule, { severity }]) => `| \`${rule}\` | ${severity} | `);
    expect(rows.filter((row) => !page.includes(row))).toEqual([]);
  });

  test('every rule of verify is described', () => {
    const list = /export type Rule =([^;]+);/.exec(sources.get('src/db/verify/finding.ts') ?? '')?.[1] ?? '';
    const rules = [...list.matchAll(/'(\w+)'/g)].map(([, rule]) => rule);
    expect(rules.length).toBeGreaterThan(20);
    expect(rules.filter((rule) => !textOf('docs/reference/verify.md').includes(`\`${rule}\``))).toEqual([]);
  });

  test('every metric is described, with its kind and its labels, and every described one exists', async () => {
    const described = [...textOf('docs/reference/metrics.md').matchAll(/^\| `(\w+)(?:\{(\w+)\})?` \| (\w+) \|/gm)];
    const metrics = (await makeMetrics().registry.getMetricsAsJSON()).map(({ name, type, values }) => {
      const labels = Object.keys(values[0]?.labels ?? {}).filter((label) => label !== 'le');
      // A gauge without a value has no label to be seen yet.
      return `${name} ${name === 'tillsync_pool_connections' ? 'state' : labels.join()} ${type}`;
    });
    expect(described.map(([, name, label = '', kind]) => `${name} ${label} ${kind}`).sort()).toEqual(metrics.sort());
  });

  test('every variable is described in one place, and no document names one that does not exist', () => {
    const known = textOf('docs/reference/config.md');
    const named = [...documents.values()].flatMap((text) => text.match(/\bTILLSYNC_[A-Z_]+[A-Z]\b/g) ?? []);
    const own = [...new Set(named)].filter((name) => !name.startsWith('TILLSYNC_TEST_'));
    expect(own.filter((name) => !known.includes(name.replace(/_FILE$/, '')))).toEqual([]);
  });
});

describe('the reading of documents', () => {
  test('a runnable block becomes commands, exit codes and expected output', () => {
    const text =
      'a\n```sh run\necho "1,120 items  checked"\n# => 1,120 … checked\nfalse # exit 1\n```\n```sh\nrm x\n```\n';
    const [block, ...others] = runnableBlocks(text);
    expect(others).toEqual([]);
    expect(block?.commands).toContain('code=0; { false; } || code=$?; [ "$code" -eq 1 ]');
    expect(block?.expected).toEqual(['1,120 … checked']);
    expect('1,120 items   checked').toMatch(expectedPattern('1,120 … checked'));
    expect('1 120 items').not.toMatch(expectedPattern('1,120 …'));
  });
});
