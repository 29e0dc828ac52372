// What the audit log says of a config: which fields were set, to what, and of secrets only that they were.
import type { Queryable } from '../../db/database.ts';
import { type AuditPlace, appendAudit } from '../../records/audit/append-audit.ts';
import type { Config } from '../../records/configs/config.ts';

/** A change of a config as it is written down; before null = it is new, after null = it is gone. */
export interface ConfigAudit {
  before: Config | null;
  after: Config | null;
  /** Of the secrets that were given: null = taken away. Their values are not looked at. */
  secrets?: Readonly<Record<string, unknown>> | undefined;
  /** What a change of identity did with the source. */
  identityChange?: 'move' | 'new-source' | null | undefined;
  actor?: string | undefined;
}

type Fields = Record<string, unknown>;

/** Writes 'config.added', 'config.changed' or 'config.removed'; nothing where nothing changed. */
export async function auditConfig(q: Queryable, of: ConfigAudit): Promise<void> {
  const { before, after, actor } = of;
  const config = after ?? before;
  if (config === null) return;
  const action = before === null ? 'config.added' : after === null ? 'config.removed' : 'config.changed';
  const [old, fresh] = differing(fieldsOf(before), fieldsOf(after));
  const secrets = wordsOf(of.secrets, before);
  if (secrets !== null) fresh.secrets = secrets;
  if (of.identityChange) fresh.identity_change = of.identityChange;
  if (Object.keys(old).length + Object.keys(fresh).length === 0) return;
  await appendAudit(q, {
    action,
    actor,
    subject: { type: 'config', id: config.id, name: config.name },
    place: placeOfConfig(config),
    before: before === null ? undefined : old,
    after: after === null ? undefined : fresh,
  });
}

/** Where a config belongs. */
export function placeOfConfig(config: Pick<Config, 'source_id' | 'concept_id' | 'company_id' | 'site_id'>): AuditPlace {
  return {
    sourceId: config.source_id,
    conceptId: config.concept_id,
    companyId: config.company_id,
    siteId: config.site_id,
  };
}

function fieldsOf(config: Config | null): Fields {
  if (config === null) return {};
  const { every_minutes, cron, time_zone } = config.schedule;
  return {
    name: config.name,
    connector_id: config.connector_id,
    level: config.level,
    concept_id: config.concept_id,
    company_id: config.company_id,
    site_id: config.site_id,
    source_id: config.source_id,
    is_active: config.is_active,
    guard: config.guard,
    schedule: { every_minutes, cron, time_zone },
    ...Object.fromEntries(Object.entries(config.params).map(([name, value]) => [`params.${name}`, value])),
  };
}

/** Of two states the fields in which they differ. */
function differing(before: Fields, after: Fields): [Fields, Fields] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  const pick = (from: Fields) =>
    Object.fromEntries(names.flatMap((name) => (name in from ? [[name, from[name]] as const] : [])));
  return [pick(before), pick(after)];
}

function wordsOf(secrets: ConfigAudit['secrets'], before: Config | null): Fields | null {
  const given = Object.entries(secrets ?? {});
  if (given.length === 0) return null;
  const word = (name: string, value: unknown) =>
    value === null ? 'removed' : before !== null && name in before.secrets ? 'changed' : 'set';
  return Object.fromEntries(given.map(([name, value]) => [name, word(name, value)]));
}
