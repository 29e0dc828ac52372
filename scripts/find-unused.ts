// Finds exports of src/ that no other file imports: code that only looks alive.
import { join } from 'node:path';
import { importsOf, readSources, resolveImport, type Sources } from './read-sources.ts';

// Called from outside the source tree: the command, the package's exports, and connectors, which are found by folder.
const entryPoints = [
  /^src\/cli\/main\.ts$/,
  /^src\/api\/functions\/index\.ts$/,
  /^src\/connectors\/[^/]+\/(index|fake|fake-server)\.ts$/,
];

const exported = /^export\s+(?:async\s+)?(function\*?|const|let|class|interface|type)\s+(\w+)/gm;
const exportedList = /^export\s+(?:type\s+)?\{([^}]*)\}\s*;/gm;

interface Export {
  name: string;
  isType: boolean;
}

/** `path: name` of each export that nothing imports. */
export function findUnused(sources: Sources): string[] {
  const used = usedNames(sources);
  const unused: string[] = [];
  for (const [path, text] of sources) {
    if (!path.startsWith('src/') || path.endsWith('.test.ts') || entryPoints.some((entry) => entry.test(path)))
      continue;
    const names = used.get(path) ?? new Set<string>();
    if (names.has('*')) continue;
    for (const { name, isType } of exportsOf(text)) {
      // A type that stands in the signature of an exported function of its own file is part of that function.
      const mentions = isType ? text.split(new RegExp(`\\b${name}\\b`)).length - 1 : 1;
      if (!names.has(name) && mentions < 2) unused.push(`${path}: ${name}`);
    }
  }
  return unused;
}

function usedNames(sources: Sources): Map<string, Set<string>> {
  const used = new Map<string, Set<string>>();
  for (const [path, text] of sources) {
    for (const { from, names } of importsOf(text)) {
      const target = resolveImport(path, from);
      if (target === null) continue;
      const known = used.get(target) ?? new Set();
      for (const name of names) known.add(name);
      used.set(target, known);
    }
  }
  return used;
}

function exportsOf(text: string): Export[] {
  const found = [...text.matchAll(exported)].map(([, keyword, name]) => ({
    name: String(name),
    isType: keyword === 'interface' || keyword === 'type',
  }));
  for (const [, list] of text.matchAll(exportedList)) {
    for (const part of String(list).split(',')) {
      const name = part
        .trim()
        .replace(/^.*\sas\s+/, '')
        .replace(/^type\s+/, '');
      if (name !== '') found.push({ name, isType: part.trim().startsWith('type ') });
    }
  }
  return found;
}

if (import.meta.main) {
  const unused = findUnused(readSources(join(import.meta.dirname, '..'), ['src', 'test', 'scripts', 'bench']));
  for (const line of unused) process.stderr.write(`${line} is exported, but nothing imports it.\n`);
  process.exitCode = unused.length === 0 ? 0 : 1;
}
