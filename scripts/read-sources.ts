// Reads the repository's TypeScript into a map of path to text, and finds what each file imports.
import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** Path inside the tree (with /) → text. */
export type Sources = ReadonlyMap<string, string>;

/** All .ts and .tsx files of the named folders under `root`, sorted by path. Fixtures are not part of the house. */
export function readSources(root: string, folders: readonly string[]): Sources {
  const paths = globSync(
    folders.map((folder) => `${folder}/**/*.{ts,tsx}`),
    { cwd: root },
  );
  const own = paths.map((path) => path.replaceAll('\\', '/')).filter((path) => !path.startsWith('test/fixtures/'));
  return new Map(own.sort().map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

/** One import: what it names (empty for a side effect or a whole module) and where it points. */
export interface Import {
  /** As written, e.g. './errors.ts' or 'pg'. */
  from: string;
  /** Exported names taken; '*' for a whole module. */
  names: string[];
}

const staticImport = /^(?:import|export)\s+(?:type\s+)?(?:([^'";]*?)\s+from\s+)?'([^']+)'/gm;
const dynamicImport = /(?:const\s+\{([^}]*)\}\s*=\s*await\s+)?\bimport\(\s*'([^']+)'\s*\)/g;

/** Everything a file imports or re-exports, static and dynamic, types too. */
export function importsOf(text: string): Import[] {
  const found: Import[] = [];
  for (const [, clause, from] of text.matchAll(staticImport))
    found.push({ from: String(from), names: namesIn(clause) });
  for (const [, clause, from] of text.matchAll(dynamicImport)) {
    found.push({ from: String(from), names: clause === undefined ? ['*'] : namesIn(`{${clause}}`) });
  }
  return found;
}

function namesIn(clause: string | undefined): string[] {
  if (clause === undefined) return [];
  const braces = /\{([^}]*)\}/.exec(clause);
  const names = (braces?.[1] ?? '')
    .split(',')
    .map((name) =>
      name
        .trim()
        .replace(/^type\s+/, '')
        .replace(/(\s+as\s+|\s*:\s*).*$/, ''),
    )
    .filter((name) => name !== '');
  for (const outside of clause.replace(/\{[^}]*\}/, '').split(',')) {
    if (outside.trim() !== '') names.push(outside.trim().startsWith('*') ? '*' : 'default');
  }
  return names;
}

/** The path a relative import points to, or null for a package. */
export function resolveImport(importer: string, from: string): string | null {
  return from.startsWith('.') ? posix.join(posix.dirname(importer), from) : null;
}
