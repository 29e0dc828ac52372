// Writes sources: the one row of an identity, and a source's identity where it is found out or moved.
import type { Queryable } from '../../db/database.ts';
import type { SourceIdentity } from './source.ts';

/**
 * The id of the source with this identity, made when there is none. Its row stays locked until the transaction ends, so
 * that two configs of one identity that are added at once see each other. A retired source comes back.
 */
export async function upsertSourceByIdentity(
  q: Queryable,
  source: { connectorId: string; name: string; identity: SourceIdentity },
): Promise<string> {
  const { origin, identity, key } = source.identity;
  const { rows } = await q.query<{ id: string }>(
    `insert into wand_integration_sources (name, integration_type, origin, identity, identity_key)
     values ($1, $2, $3, $4, $5)
     on conflict (identity_key) do update set retired_at = null
     returning id`,
    [source.name, source.connectorId, origin, JSON.stringify(identity), key],
  );
  return rows[0]!.id;
}

/** Gives a source another identity; it keeps its id and rows. Fails on the unique key when another source has it. */
export async function setSourceIdentity(
  q: Queryable,
  sourceId: string,
  source: { name: string; identity: SourceIdentity },
): Promise<void> {
  const { origin, identity, key } = source.identity;
  await q.query(
    `update wand_integration_sources
        set name = $2, origin = $3, identity = $4, identity_key = $5, updated_at = now() where id = $1`,
    [sourceId, source.name, origin, JSON.stringify(identity), key],
  );
}

/** Waits for whoever else binds a config to this source, and keeps them out until the transaction ends. */
export async function lockSourceRow(q: Queryable, sourceId: string): Promise<void> {
  await q.query('select from wand_integration_sources where id = $1 for no key update', [sourceId]);
}

/** The active config of a source other than `exceptConfigId`; null = none. There is at most one. */
export async function readActiveConfig(
  q: Queryable,
  sourceId: string,
  exceptConfigId: string,
): Promise<{ id: string; name: string } | null> {
  const { rows } = await q.query<{ id: string; name: string }>(
    `select id, config_name as name from integration_source_configs
      where wand_source_id = $1 and is_active and id <> $2`,
    [sourceId, exceptConfigId],
  );
  return rows[0] ?? null;
}
