// Writes configs: new ones, changed ones, and the source they resolve to.
import type { Queryable } from '../../db/database.ts';
import type { Level, SecretDescription } from './config.ts';

/** What a config is made of; secrets only as ciphertexts of the vault. */
export interface NewConfig {
  /** Chosen by the caller, because secrets are encrypted for it before the row exists. */
  id: string;
  name: string;
  connectorId: string;
  level: Level;
  conceptId: number | null;
  companyId: number | null;
  siteId: number | null;
  params: Readonly<Record<string, unknown>>;
  credentials: Readonly<Record<string, string>>;
  described: Readonly<Record<string, SecretDescription>>;
  guard: Readonly<Record<string, unknown>>;
}

/** Inserts a config without a schedule; tables of the original may have a default for one. */
export async function insertConfig(q: Queryable, config: NewConfig): Promise<void> {
  await q.query(
    `insert into integration_source_configs (id, config_name, connector_id, application_level, concept_id, company_id,
       site_id, config_params, credentials_encrypted, secrets_described, guard, sync_frequency_minutes, sync_schedule)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, null, null)`,
    [
      config.id,
      config.name,
      config.connectorId,
      config.level,
      config.conceptId,
      config.companyId,
      config.siteId,
      JSON.stringify(config.params),
      JSON.stringify(config.credentials),
      JSON.stringify(config.described),
      JSON.stringify(config.guard),
    ],
  );
}

/** What may change in a config; absent = stays. */
export interface ConfigChange {
  name?: string | undefined;
  params?: Readonly<Record<string, unknown>> | undefined;
  credentials?: Readonly<Record<string, string>> | undefined;
  described?: Readonly<Record<string, SecretDescription>> | undefined;
  guard?: Readonly<Record<string, unknown>> | undefined;
  isActive?: boolean | undefined;
}

export async function updateConfig(q: Queryable, configId: string, change: ConfigChange): Promise<void> {
  const json = (value: object | undefined) => (value === undefined ? null : JSON.stringify(value));
  await q.query(
    `update integration_source_configs
        set config_name = coalesce($2, config_name), config_params = coalesce($3, config_params),
            credentials_encrypted = coalesce($4, credentials_encrypted), guard = coalesce($5, guard),
            is_active = coalesce($6, is_active), secrets_described = coalesce($7, secrets_described), updated_at = now()
      where id = $1`,
    [
      configId,
      change.name ?? null,
      json(change.params),
      json(change.credentials),
      json(change.guard),
      change.isActive ?? null,
      json(change.described),
    ],
  );
}

/** Stores the source that a config resolves to; null = not runnable. */
export async function setConfigSource(q: Queryable, configId: string, sourceId: string | null): Promise<void> {
  await q.query('update integration_source_configs set wand_source_id = $2, updated_at = now() where id = $1', [
    configId,
    sourceId,
  ]);
}

/** Waits for other writers of a config and keeps them out until the transaction ends; false when there is none. */
export async function lockConfig(q: Queryable, configId: string): Promise<boolean> {
  const { rowCount } = await q.query('select from integration_source_configs where id = $1 for update', [configId]);
  return rowCount === 1;
}

/** Deletes a config with its secrets and tokens; its source, rows and runs stay. */
export async function deleteConfig(q: Queryable, configId: string): Promise<void> {
  await q.query('delete from integration_access_tokens where config_id = $1', [configId]);
  await q.query('delete from integration_token_attempts where config_id = $1', [configId]);
  await q.query('delete from integration_sync_hints where source_config_id = $1', [configId]);
  await q.query('delete from integration_source_configs where id = $1', [configId]);
}
