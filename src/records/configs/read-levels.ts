// Reads the configs that a config inherits from, and those that inherit from it.
import type { Queryable } from '../../db/database.ts';
import { isUuid } from '../row-values.ts';
import { type Config, type ConfigRow, configColumns, configOf } from './config.ts';

/** A config with its encrypted secrets, for the vault; never shown. */
export interface ConfigWithCredentials extends Config {
  /** Field name → ciphertext. */
  credentials: Record<string, string>;
}

/**
 * The config and the configs above it, from concept to site, the config itself last. Above it are active configs of the
 * same connector at its company and concept that have no source of their own (a runnable config is no default for
 * others). A site's company and concept come from the config, else from the hierarchy tables.
 */
export async function readLevels(q: Queryable, configId: string): Promise<ConfigWithCredentials[]> {
  if (!isUuid(configId)) return [];
  const { rows } = await q.query<ConfigRow & { credentials: Record<string, string> }>(
    `with own as (
       select c.id, c.connector_id, c.application_level as level, coalesce(c.company_id, s.company_id) as company_id,
              coalesce(c.concept_id, p.concept_id) as concept_id
         from integration_source_configs c
         left join stores s on c.application_level = 'site' and s.id = c.site_id
         left join companies p on c.application_level <> 'concept' and p.id = coalesce(c.company_id, s.company_id)
        where c.id = $1)
     select ${configColumns}, c.credentials_encrypted as credentials
       from integration_source_configs c, own
      where c.id = own.id
         or (c.connector_id = own.connector_id and c.is_active and c.wand_source_id is null
             and ((c.application_level = 'concept' and own.level <> 'concept' and c.concept_id = own.concept_id)
               or (c.application_level = 'company' and own.level = 'site' and c.company_id = own.company_id)))
      order by array_position(array['concept', 'company', 'site'], c.application_level), c.created_at, c.id`,
    [configId],
  );
  return rows.map((row) => {
    const { credentials, ...columns } = row;
    return { ...configOf(columns), credentials };
  });
}

/** The ids of the active configs below a concept's or company's config, companies first. */
export async function readConfigsBelow(q: Queryable, config: Config): Promise<string[]> {
  const { rows } = await q.query<{ id: string }>(
    `select c.id
       from integration_source_configs c
       left join stores s on c.application_level = 'site' and s.id = c.site_id
       left join companies p on p.id = coalesce(c.company_id, s.company_id)
      where c.is_active and c.connector_id = $1 and c.id <> $2
        and (($3 = 'concept' and c.application_level <> 'concept' and coalesce(c.concept_id, p.concept_id) = $4)
          or ($3 = 'company' and c.application_level = 'site' and coalesce(c.company_id, s.company_id) = $5))
      order by array_position(array['company', 'site'], c.application_level), c.created_at, c.id`,
    [config.connector_id, config.id, config.level, config.concept_id, config.company_id],
  );
  return rows.map((row) => row.id);
}
