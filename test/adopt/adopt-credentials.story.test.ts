// Plaintext credentials of the original: encrypted and blanked in the last step, or encrypted and kept when asked.
import { expect, it } from 'vitest';
import { adopt } from '../../src/db/adopt/adopt.ts';
import { isUnadopted } from '../../src/db/adopt/is-unadopted.ts';
import type { Database } from '../../src/db/database.ts';
import { oneRow } from './dump-database.ts';
import { expectAdopted, legacyDatabase } from './expect-adopted.ts';
import { addLegacyConfig, ids } from './legacy-schema.ts';
import { identify, ports } from './test-ports.ts';

const secret = { api_key: 'k-1', username: '', port: 8443, password: null };
const encrypted = {
  api_key: `v1.test.aaaa.api_key.${Buffer.from('k-1').toString('base64')}`,
  port: `v1.test.aaaa.port.${Buffer.from('8443').toString('base64')}`,
};
const stored = (database: Database) =>
  oneRow(database, 'select credentials as plain, credentials_encrypted as encrypted from integration_source_configs');

async function withCredentials(): Promise<Database> {
  return await legacyDatabase({}, (db) =>
    addLegacyConfig(db, { id: ids.config, brand: 'acme', establishment: '17', credentials: secret }),
  );
}

it('O20: credentials are encrypted for their config and field, and nothing stays in plain text', async () => {
  const database = await withCredentials();
  const report = await adopt(database, ports);
  expect(await stored(database)).toEqual({ plain: {}, encrypted });
  expect(JSON.stringify(report)).not.toContain('k-1');
  const journal = await oneRow(
    database,
    'select string_agg(details::text, $$ $$) as text from integration_adoption_steps',
  );
  expect(JSON.stringify(journal)).not.toContain('k-1');
  await expectAdopted(database);
});

it('O20: without a key nothing is begun while credentials stand in plain text', async () => {
  const database = await withCredentials();
  await expect(adopt(database, { identify })).rejects.toMatchObject({ code: 'encryption_key_missing', exitCode: 2 });
  expect(await oneRow(database, `select to_regclass('integration_adoption_steps') as journal`)).toEqual({
    journal: null,
  });
  expect(await isUnadopted(database)).toBe(true);
});

it('O20: kept credentials are encrypted all the same, and the next call blanks them', async () => {
  const database = await withCredentials();
  const report = await adopt(database, { ...ports, keepLegacyCredentials: true });
  expect(report.warnings.join()).toContain('still stand in plain text');
  expect(await stored(database)).toEqual({ plain: secret, encrypted });
  await expectAdopted(database);
  const later = await adopt(database, ports);
  expect(later.lines.at(-1)).toBe('credentials of 1 configs are encrypted');
  expect(await stored(database)).toEqual({ plain: {}, encrypted });
});
