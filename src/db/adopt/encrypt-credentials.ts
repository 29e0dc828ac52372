// The last step: plaintext credentials of the original are encrypted, and their column is emptied.
import { TillsyncError } from '../../errors.ts';
import { isRawNumber, type Json } from '../../json.ts';
import type { Database, Queryable } from '../database.ts';
import type { AdoptOptions, EncryptCredential } from './adoption.ts';
import { noFacts, type StepFacts } from './adoption-report.ts';

interface PlainConfig {
  id: string;
  name: string | null;
  credentials: Json;
  /** The column's text, to see whether somebody changed it meanwhile. */
  text: string;
}

const holdsPlaintext = `coalesce(credentials, '{}') not in ('{}', 'null', '[]', '""')`;

/** How many configs hold plaintext credentials; 0 where there is no such column. */
export async function countPlaintext(queryable: Queryable): Promise<number> {
  const found = await queryable.query<{ found: boolean }>(
    `select exists (select from pg_attribute where attrelid = to_regclass('integration_source_configs')
       and attname = 'credentials' and not attisdropped) as found`,
  );
  if (!found.rows[0]?.found) return 0;
  const { rows } = await queryable.query<{ configs: string }>(
    `select count(*) as configs from integration_source_configs c where coalesce(to_jsonb(c) -> 'credentials', '{}')
       not in ('{}', 'null', '[]', '""')`,
  );
  return Number(rows[0]?.configs);
}

/** Refuses before anything is changed when credentials could not be encrypted at the end. */
export async function checkEncryption(queryable: Queryable, options: AdoptOptions): Promise<void> {
  if (options.encryptCredential || options.keepLegacyCredentials) return;
  const configs = await countPlaintext(queryable);
  if (configs === 0) return;
  throw new TillsyncError(
    `${configs} configs hold credentials in plain text, and there is no key to encrypt them with.`,
    {
      code: 'encryption_key_missing',
      step: 'validation',
      effect: 'Nothing was changed in the database.',
      hint: 'Set TILLSYNC_ENCRYPTION_KEY, or pass --keep-legacy-credentials.',
      exitCode: 2,
    },
  );
}

/**
 * Encrypts what stands in the plaintext column and, unless told to keep it, empties it; also what the original's
 * screens wrote there later. A value there is newer than an encrypted one of the same field. Safe to repeat.
 */
export async function encryptCredentials(database: Database, options: AdoptOptions): Promise<StepFacts> {
  await checkEncryption(database, options);
  const facts = noFacts();
  const { rows } = await database.query<PlainConfig>(
    `select id, config_name as name, credentials, credentials::text as text from integration_source_configs
      where ${holdsPlaintext} order by id`,
  );
  if (options.encryptCredential) {
    for (const config of rows) facts.warnings.push(...(await encryptConfig(database, config, options)));
    if (rows.length > 0) facts.lines.push(`credentials of ${rows.length} configs are encrypted`);
  }
  if (options.keepLegacyCredentials && rows.length > 0) {
    facts.warnings.push(`credentials of ${rows.length} configs still stand in plain text, as you asked`);
  }
  return facts;
}

async function encryptConfig(database: Database, config: PlainConfig, options: AdoptOptions): Promise<string[]> {
  const encrypt = options.encryptCredential as EncryptCredential;
  const { credentials } = config;
  if (
    typeof credentials !== 'object' ||
    credentials === null ||
    Array.isArray(credentials) ||
    isRawNumber(credentials)
  ) {
    return [`config ${config.name} (${config.id}): its credentials are not fields with values and stay as they are`];
  }
  const encrypted: Record<string, string> = {};
  for (const [field, value] of Object.entries(credentials)) {
    if (value === null || value === '') continue;
    encrypted[field] = await encrypt(config.id, field, typeof value === 'string' ? value : JSON.stringify(value));
  }
  const { rowCount } = await database.query(
    `update integration_source_configs set credentials_encrypted = credentials_encrypted || $2::jsonb
       ${options.keepLegacyCredentials ? '' : ", credentials = '{}'"}
     where id = $1 and credentials::text = $3`,
    [config.id, JSON.stringify(encrypted), config.text],
  );
  return rowCount === 1
    ? []
    : [`config ${config.name} (${config.id}): its credentials changed meanwhile; migrate again`];
}
