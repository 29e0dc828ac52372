// The key that encrypts credentials, made once beside (never inside) the database's own folder.
import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { embeddedError, systemCode } from './embedded-error.ts';

/** The name of the key file in the data folder. */
const keyFileName = 'encryption.key';

/**
 * Returns the encryption key of a data folder: 32 random bytes as base64 in a file of mode 0600, made when absent.
 * A second process that makes it at the same time gets the same key. Throws key_file_unreadable, encryption_key_invalid.
 */
export async function ensureKeyFile(dataDir: string): Promise<string> {
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, keyFileName);
  const unfinished = `${file}.${process.pid}`;
  try {
    statSync(file);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw unreadable(file, error);
    writeFileSync(unfinished, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flush: true });
    try {
      linkSync(unfinished, file);
    } catch (raced) {
      if (systemCode(raced) !== 'EEXIST') throw raced;
    } finally {
      rmSync(unfinished, { force: true });
    }
  }
  return readKey(file);
}

function readKey(file: string): string {
  let key: string;
  try {
    if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
    key = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw unreadable(file, error);
  }
  if (Buffer.from(key, 'base64').length !== 32) {
    throw embeddedError('encryption_key_invalid', `The key file ${file} does not hold 32 bytes as base64.`, {
      hint: 'Put the right key file back from your backup; without it the stored credentials cannot be read.',
    });
  }
  return key;
}

function unreadable(file: string, cause: unknown) {
  return embeddedError('key_file_unreadable', `The key file ${file} cannot be read by this user.`, {
    hint: 'Run tillsync as the user that owns the data folder, or set TILLSYNC_ENCRYPTION_KEY.',
    cause,
  });
}
