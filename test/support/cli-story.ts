// A story of the command: a fresh database, and a config for a pretend POS.
import { expect } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { freshDatabase } from './database.ts';
import { type Cli, openCli } from './run-cli.ts';

/** Any 32 bytes that are not a pattern a person would type. */
export const encryptionKey = Buffer.from(Array.from({ length: 32 }, (_, i) => i * i * 7 + 1)).toString('base64');

/** The command on a fresh database. */
export async function openStory(
  options: { migrated?: boolean; env?: Record<string, string> } = {},
): Promise<{ cli: Cli; database: Database; url: string }> {
  const { database, url } = await freshDatabase({ migrated: options.migrated ?? true });
  const cli = openCli({
    DATABASE_URL: url,
    TILLSYNC_ENCRYPTION_KEY: encryptionKey,
    TILLSYNC_ALLOW_PRIVATE_HOSTS: '1',
    ...options.env,
  });
  return { cli, database, url };
}

/** Adds a runnable config named QU POS for the POS at `url`; answers its id and source. */
export async function addConfig(cli: Cli, url: string): Promise<{ id: string; source_id: string }> {
  const params = ['brand=acme', 'establishment=17', `base_url=${url}`].flatMap((param) => ['--param', param]);
  const { code, answer } = await cli.json<{ id: string; source_id: string }>([
    ...['configs', 'add', '--connector', 'qu', '--name', 'QU POS'],
    ...params,
  ]);
  expect(code).toBe(0);
  return answer;
}
