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

/** A config's params over those of its company and concept with the same vendor; the most specific wins. */
export function mergedParams(
  config: LegacyConfig,
  configs: readonly LegacyConfig[],
  hierarchy: Hierarchy,
): Record<string, Json> {
  const company = config.company ?? (config.site === null ? null : hierarchy.companyOfSite.get(config.site)) ?? null;
  const concept = config.concept ?? (company === null ? null : hierarchy.conceptOfCompany.get(company)) ?? null;
  const above = configs.filter((other) => other.active && other.link === config.link && other.id !== config.id);
  const concepts =
    config.level === 'concept' ? [] : above.filter((o) => o.level === 'concept' && o.concept === concept);
  const companies = config.level === 'site' ? above.filter((o) => o.level === 'company' && o.company === company) : [];
  const defaults = [...(concept === null ? [] : concepts), ...(company === null ? [] : companies)];
  return Object.assign({}, ...defaults.map(({ params }) => params), config.params) as Record<string, Json>;
}

/** A vendor row's URL template with {param} filled in; a param that is not known stays in braces. */
export function fillTemplate(template: string | null, params: Readonly<Record<string, Json>>): string | undefined {
  return template?.replace(/\{(\w+)\}/g, (braces, name: string) => textOf(params[name]) ?? braces);
}
