// Reads package-lock.json: what is installed, in which version, from which archive, under which licence.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface LockedPackage {
  /** Where it lies, e.g. 'node_modules/pg'. */
  path: string;
  /** Its own name; an alias (pg15) has another folder. */
  name: string;
  version: string;
  /** SPDX expression; null = the package names none. */
  licence: string | null;
  /** 'sha512-<base64>'; null = nothing proves the archive. */
  integrity: string | null;
  /** An address of its own; null = the registry in use. */
  resolved: string | null;
  /** Only builds and tests. */
  isForDevelopment: boolean;
  isOptional: boolean;
  hasInstallScript: boolean;
  /** Names it asks for (peers that are not there aside). */
  asksFor: string[];
}

interface Entry {
  name?: string;
  version?: string;
  license?: string;
  integrity?: string;
  resolved?: string;
  dev?: boolean;
  devOptional?: boolean;
  optional?: boolean;
  hasInstallScript?: boolean;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/** Every package of the lockfile at `root` except the project itself, sorted by path; `version` is the lockfile's own. */
export function readLockfile(root: string): { version: number; packages: LockedPackage[] } {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    lockfileVersion: number;
    packages: Record<string, Entry>;
  };
  const packages = Object.entries(lock.packages)
    .filter(([path]) => path !== '')
    .map(([path, entry]) => packageOf(path, entry))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  return { version: lock.lockfileVersion, packages };
}

/** The package that `name` means for the one that lies at `from` ('' = the project), as Node looks it up. */
export function findLocked(
  packages: ReadonlyMap<string, LockedPackage>,
  from: string,
  name: string,
): LockedPackage | undefined {
  for (let folder = from; ; folder = folder.slice(0, folder.lastIndexOf('/node_modules/'))) {
    const found = packages.get(`${folder === '' ? '' : `${folder}/`}node_modules/${name}`);
    if (found !== undefined || folder === '') return found;
    if (!folder.includes('/node_modules/')) return packages.get(`node_modules/${name}`);
  }
}

function packageOf(path: string, entry: Entry): LockedPackage {
  return {
    path,
    name: entry.name ?? path.replace(/^.*node_modules\//, ''),
    version: entry.version ?? '',
    licence: entry.license ?? null,
    integrity: entry.integrity ?? null,
    resolved: entry.resolved ?? null,
    isForDevelopment: entry.dev === true || entry.devOptional === true,
    isOptional: entry.optional === true,
    hasInstallScript: entry.hasInstallScript === true,
    asksFor: Object.keys({ ...entry.dependencies, ...entry.optionalDependencies, ...entry.peerDependencies }),
  };
}
