// Integrations by their level: each concept, its companies with their sites, and those of no level. Pure.
import type { Config } from '../../api-types.ts';
import type { Levels } from '../../queries/configs.ts';
import type { IntegrationRow, LevelGroup } from './integrations-table.tsx';

type Ranked = LevelGroup & { rank: number };

/** In the order of the hierarchy; within a place its own first, then those below it. */
export function groupRows(rows: readonly IntegrationRow[], levels: Levels | undefined): LevelGroup[] {
  const headOf = levels === undefined ? () => null : headsOf(levels);
  const groups = new Map<string, Ranked>();
  for (const row of rows) {
    const found = headOf(row.config);
    const key = found === null ? '' : `${found.head.level} ${found.head.id}`;
    const group = groups.get(key) ?? { key, head: found?.head ?? null, rank: found?.rank ?? Infinity, rows: [] };
    group.rows.push(row);
    groups.set(key, group);
  }
  for (const group of groups.values()) group.rows.sort((a, b) => Number(isOfSite(a)) - Number(isOfSite(b)));
  // What is of no level comes last; two infinities are no number apart.
  return [...groups.values()].sort((a, b) => (a.rank < b.rank ? -1 : 1));
}

function isOfSite({ config }: IntegrationRow): boolean {
  return config.level === 'site';
}

/** The company of a config, else its concept, and where that stands in the order of the hierarchy. */
function headsOf({ concepts, companies, sites }: Levels) {
  const siteOf = new Map(sites.map((site) => [site.id, site]));
  const companyOf = new Map(companies.map((company, index) => [company.id, { company, index }]));
  const conceptOf = new Map(concepts.map((concept, index) => [concept.id, { concept, index }]));
  const most = companies.length + 1;
  return (config: Config): { head: NonNullable<LevelGroup['head']>; rank: number } | null => {
    const companyId = config.company_id ?? siteOf.get(config.site_id ?? -1)?.company_id ?? null;
    const company = config.level === 'concept' ? undefined : companyOf.get(companyId ?? -1);
    const concept = conceptOf.get(company?.company.concept_id ?? config.concept_id ?? -1);
    const rank = (concept?.index ?? concepts.length) * most;
    if (company !== undefined) {
      const { id, name } = company.company;
      const head = { level: 'company', id, name, above: concept?.concept.name ?? null } as const;
      return { head, rank: rank + 1 + company.index };
    }
    if (concept === undefined) return null;
    const { id, name } = concept.concept;
    return { head: { level: 'concept', id, name, above: null }, rank };
  };
}
