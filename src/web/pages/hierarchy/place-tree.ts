// The hierarchy as a tree, with what stands at each place and what is below it. Pure.
import type { Config, Source } from '../../api-types.ts';
import type { Levels } from '../../queries/configs.ts';
import { kinds } from '../../words/result.ts';

export interface Place {
  level: 'concept' | 'company' | 'site';
  id: number;
  name: string;
  /** Of its concept or company; null = at the top. */
  above: number | null;
  below: Place[];
  /** Those that stand at this very place. */
  configs: Config[];
  /** Integrations with a catalog here and below, and their live items. */
  integrations: number;
  items: number;
}

interface Ground {
  levels: Levels;
  configs: readonly Config[];
  sources: readonly Source[];
}

/** What hangs below nothing stands at the root. */
export function placesOf(ground: Ground): Place[] {
  const { concepts, companies, sites } = ground.levels;
  const sitesOf = byParent(sites, ({ company_id }) => company_id);
  const companiesOf = byParent(companies, ({ concept_id }) => concept_id);
  const place = placeMaker(ground);
  const siteOf = (companyId: number | null) =>
    (sitesOf.get(companyId) ?? []).map((site) => place('site', site, { above: companyId, below: [] }));
  const companyOf = (conceptId: number | null) =>
    (companiesOf.get(conceptId) ?? []).map((company) =>
      place('company', company, { above: conceptId, below: siteOf(company.id) }),
    );
  const roots = concepts.map((concept) => place('concept', concept, { above: null, below: companyOf(concept.id) }));
  return [...roots, ...companyOf(null), ...siteOf(null)];
}

function byParent<Row>(rows: readonly Row[], parentOf: (row: Row) => number | null): Map<number | null, Row[]> {
  const found = new Map<number | null, Row[]>();
  for (const row of rows) {
    const parent = parentOf(row);
    const beside = found.get(parent);
    if (beside === undefined) found.set(parent, [row]);
    else beside.push(row);
  }
  return found;
}

function placeMaker({ configs, sources }: Ground) {
  const liveItems = new Map(
    sources.map((source): [string, number] => [
      source.id,
      kinds.reduce((sum, kind) => sum + source.items[kind].live, 0),
    ]),
  );
  const configsAt = byParentText(configs);
  return (
    level: Place['level'],
    { id, name }: { id: number; name: string },
    { above, below }: Pick<Place, 'above' | 'below'>,
  ): Place => {
    const here = configsAt.get(`${level} ${id}`) ?? [];
    const withSource = here.filter(({ source_id }) => source_id !== null);
    const items = withSource.reduce((sum, { source_id }) => sum + (liveItems.get(source_id ?? '') ?? 0), 0);
    return {
      level,
      id,
      name,
      above,
      below,
      configs: here,
      integrations: below.reduce((sum, each) => sum + each.integrations, withSource.length),
      items: below.reduce((sum, each) => sum + each.items, items),
    };
  };
}

function byParentText(configs: readonly Config[]): Map<string, Config[]> {
  const found = new Map<string, Config[]>();
  for (const config of configs) {
    const key = `${config.level} ${config[`${config.level}_id`]}`;
    found.set(key, [...(found.get(key) ?? []), config]);
  }
  return found;
}
