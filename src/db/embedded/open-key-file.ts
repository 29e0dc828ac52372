// The keys that encrypt credentials, in a file made once beside (never inside) the database's own folder.
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { embeddedError, systemCode } from './embedded-error.ts';

/** The name of the key file in the data folder. */
const keyFileName = 'encryption.key';

/** Keys as base64 of 32 bytes: the one that encrypts, and older ones that only decrypt. */
export interface StoredKeys {
  active: string;
  others: readonly string[];
}

/** The key file of a data folder. Who changes it is alone with it: a lock in the database, see sync/vault/. */
export interface KeyFile {
  /** What stands in it now; the same object as long as the file is the same. Throws key_file_unreadable, encryption_key_invalid. */
  read(): StoredKeys;
  /** Puts a new key first; the one of before stays, to decrypt. Whole or not at all, wherever the process ends. */
  addKey(): void;
  /** Takes an older key out, for good. */
  dropKey(key: string): void;
}

/**
 * Opens the key file: one key a line, the active one first, mode 0600; made with a random key when absent. A second
 * process that makes it at the same time gets the same key. Throws key_file_unreadable, encryption_key_invalid.
 */
export function openKeyFile(dataDir: string): KeyFile {
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, keyFileName);
  ensureFile(dataDir, file);
  let last: { mark: string; keys: StoredKeys } | undefined;
  const read = () => {
    const mark = markOf(file);
    if (last?.mark !== mark) last = { mark, keys: readKeys(file) };
    return last.keys;
  };
  read();
  return {
    read,
    addKey() {
      const { active, others } = read();
      replaceFile(dataDir, file, [randomKey(), active, ...others]);
    },
    dropKey(key) {
      const { active, others } = read();
      replaceFile(dataDir, file, [active, ...others.filter((other) => other !== key)]);
    },
  };
}

function randomKey(): string {
  return randomBytes(32).toString('base64');
}

function ensureFile(dataDir: string, file: string): void {
  try {
    statSync(file);
    return;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw unreadable(file, error);
  }
  const unfinished = unfinishedName(file);
  writeFileSync(unfinished, `${randomKey()}\n`, { mode: 0o600, flush: true });
  try {
    linkSync(unfinished, file);
    settleFolder(dataDir);
  } catch (raced) {
    if (systemCode(raced) !== 'EEXIST') throw raced;
  } finally {
    rmSync(unfinished, { force: true });
  }
}

// The whole new file is on disk before it takes the name, and the name before anything is encrypted with its key.
function replaceFile(dataDir: string, file: string, keys: readonly string[]): void {
  removeUnfinished(dataDir);
  const unfinished = unfinishedName(file);
  try {
    writeFileSync(unfinished, keys.map((key) => `${key}\n`).join(''), { mode: 0o600, flush: true });
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw unreadable(file, error);
  }
  settleFolder(dataDir);
}

// What a process left that died here holds keys, too. Whoever changes the file is alone.
function removeUnfinished(dataDir: string): void {
  for (const name of readdirSync(dataDir)) {
    if (/^encryption\.key\.\d+$/.test(name)) rmSync(join(dataDir, name), { force: true });
  }
}

function settleFolder(dataDir: string): void {
  const folder = openSync(dataDir, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function unfinishedName(file: string): string {
  return `${file}.${process.pid}`;
}

// Every change is a new file.
function markOf(file: string): string {
  try {
    const { ino, size, mtimeNs, mode } = statSync(file, { bigint: true });
    if ((Number(mode) & 0o077) !== 0) chmodSync(file, 0o600);
    return `${ino} ${size} ${mtimeNs}`;
  } catch (error) {
    throw unreadable(file, error);
  }
}

function readKeys(file: string): StoredKeys {
  let lines: string[];
  try {
    lines = readFileSync(file, 'utf8')
      .split(/\s+/)
      .filter((line) => line !== '');
  } catch (error) {
    throw unreadable(file, error);
  }
  const [active, ...others] = lines;
  if (active === undefined || lines.some((line) => Buffer.from(line, 'base64').length !== 32)) {
    throw embeddedError(
      'encryption_key_invalid',
      `The key file ${file} does not hold 32 bytes as base64 in each line.`,
      {
        hint: 'Put the right key file back from your backup; without it the stored credentials cannot be read.',
      },
    );
  }
  return { active, others };
}

function unreadable(file: string, cause: unknown) {
  return embeddedError('key_file_unreadable', `The key file ${file} cannot be read or written by this user.`, {
    hint: 'Run tillsync as the user that owns the data folder, or set TILLSYNC_ENCRYPTION_KEY.',
    cause,
  });
}
