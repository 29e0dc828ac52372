// Configs and vendor rows as the original has them: read as JSON, because columns differ from install to install.
import { isRawNumber, type Json } from '../../../json.ts';

/** A row of any shape. */
export type LegacyRow = Readonly<Record<string, Json>>;

/** What the original says about one config, whatever its columns are called. */
export interface LegacyConfig {
  id: string;
  name: string;
  level: 'concept' | 'company' | 'site';
  /** The vendor row it points to; null where it points nowhere. */
  link: string | null;
  concept: string | null;
  company: string | null;
  site: string | null;
  /** Its own params, without blank ones: the original's form stores '' for inherited. */
  params: Record<string, Json>;
  active: boolean;
  /** ISO time, '' where it never synced. */
  lastSync: string;
}

/** Which company a site belongs to, and which concept a company. */
export interface Hierarchy {
  companyOfSite: ReadonlyMap<string, string>;
  conceptOfCompany: ReadonlyMap<string, string>;
}

const linkColumns = ['wand_source_id', 'integration_source_id', 'wand_integration_source_id', 'source_id'] as const;

/** A JSON scalar as text; null for anything else, and for ''. */
export function textOf(value: Json | undefined): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  if (typeof value === 'number') return String(value);
  if (value !== undefined && isRawNumber(value)) return value.rawJSON;
  return null;
}

/** Reads one row of the original's integration_source_configs. */
export function readLegacyConfig(row: LegacyRow): LegacyConfig {
  const [concept, company, site] = [textOf(row.concept_id), textOf(row.company_id), textOf(row.site_id)];
  const given = textOf(row.application_level);
  const known = given === 'concept' || given === 'company' || given === 'site' ? given : null;
  const derived = site !== null ? 'site' : company !== null ? 'company' : concept !== null ? 'concept' : 'site';
  return {
    id: textOf(row.id) ?? '',
    name: textOf(row.config_name) ?? 'Unnamed config',
    level: known ?? derived,
    link: linkColumns.map((column) => textOf(row[column])).find((link) => link !== null) ?? null,
    concept,
    company,
    site,
    params: filledIn(row.config_params),
    active: row.is_active !== false,
    lastSync: textOf(row.last_sync_at) ?? '',
  };
}

function filledIn(params: Json | undefined): Record<string, Json> {
  if (typeof params !== 'object' || params === null || Array.isArray(params) || isRawNumber(params)) return {};
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== null && value !== ''));
}

/** The active configs of the same vendor at a config's concept and company, in this order: what it inherits from. */
export function levelsAbove(
  config: LegacyConfig,
  configs: readonly LegacyConfig[],
  hierarchy: Hierarchy,
): LegacyConfig[] {
  const company = config.company ?? (config.site === null ? null : hierarchy.companyOfSite.get(config.site)) ?? null;
  const concept = config.concept ?? (company === null ? null : hierarchy.conceptOfCompany.get(company)) ?? null;
  const others = configs.filter((other) => other.active && other.link === config.link && other.id !== config.id);
  const at = (level: LegacyConfig['level'], of: 'concept' | 'company', id: string | null) =>
    id === null ? [] : others.filter((other) => other.level === level && other[of] === id);
  const concepts = config.level === 'concept' ? [] : at('concept', 'concept', concept);
  return [...concepts, ...(config.level === 'site' ? at('company', 'company', company) : [])];
}

/** A vendor row's URL template with {param} filled in; a param that is not known stays in braces. */
export function fillTemplate(template: string | null, params: Readonly<Record<string, Json>>): string | undefined {
  return template?.replace(/\{(\w+)\}/g, (braces, name: string) => textOf(params[name]) ?? braces);
}
