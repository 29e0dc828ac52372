// What each legacy config is before anything is decided: its vendor row, its rows, and the identity of its merged params.
import { TillsyncError } from '../../../errors.ts';
import type { Json } from '../../../json.ts';
import type { FoundIdentity, Identify } from '../adoption.ts';
import { fillTemplate, type Hierarchy, type LegacyConfig, levelsAbove } from './legacy-config.ts';

/** A legacy vendor row, or an id that only rows and configs name. */
export interface LegacySource {
  id: string;
  name: string;
  connectorId: string;
  template: string | null;
  /** False where no row of wand_integration_sources has this id. */
  present: boolean;
}

/** How many item rows one config wrote under one source; null where a row names none. */
export interface RowCount {
  configId: string | null;
  sourceId: string | null;
  rows: number;
}

export interface LegacyWorld {
  sources: readonly LegacySource[];
  configs: readonly LegacyConfig[];
  counts: readonly RowCount[];
  hierarchy: Hierarchy;
  identify: Identify;
}

/** A config with what its rows and the connector say about it. */
export interface Candidate {
  config: LegacyConfig;
  link: string | null;
  rows: number;
  found: FoundIdentity | null;
  /** Its identity's key; null = not known. */
  key: string | null;
  /** Params of configs above it that are catalogs of their own now, and so no longer defaults for others. */
  inherited: Record<string, Json>;
  /** Why the connector could not make an identity of its params. */
  problem: string | null;
}

const topDown = { concept: 0, company: 1, site: 2 } as const;

/** Reads every config in the order of the world, levels merged from the top down. */
export function readCandidates(world: LegacyWorld): Candidate[] {
  const sources = new Map(world.sources.map((source) => [source.id, source]));
  const linked = world.configs.map((config) => ({ ...config, link: config.link ?? mostRows(world.counts, config.id) }));
  const done = new Map<string, Candidate>();
  for (const config of linked.toSorted((a, b) => topDown[a.level] - topDown[b.level])) {
    const source = config.link === null ? undefined : sources.get(config.link);
    const above = levelsAbove(config, linked, world.hierarchy);
    const params = merged([...above, config]);
    const { found, problem } = source ? identityOf(world, source, params) : { found: null, problem: null };
    const rows = world.counts.reduce((sum, count) => sum + (count.configId === config.id ? count.rows : 0), 0);
    const inherited = merged(above.filter(({ id }) => done.get(id)?.found));
    done.set(config.id, { config, link: config.link, rows, found, key: found?.key ?? null, inherited, problem });
  }
  return linked.flatMap(({ id }) => done.get(id) ?? []);
}

// Params that a connector refuses (a broken URL, say) leave the identity open; the refusal becomes a warning.
function identityOf(
  world: LegacyWorld,
  source: LegacySource,
  params: Record<string, Json>,
): Pick<Candidate, 'found' | 'problem'> {
  try {
    return { found: world.identify(source.connectorId, params, fillTemplate(source.template, params)), problem: null };
  } catch (error) {
    if (!(error instanceof TillsyncError)) throw error;
    return { found: null, problem: error.message };
  }
}

function merged(levels: readonly LegacyConfig[]): Record<string, Json> {
  return Object.assign({}, ...levels.map(({ params }) => params)) as Record<string, Json>;
}

/** The source that most rows of a config name; for configs that point to no vendor row. */
function mostRows(counts: readonly RowCount[], configId: string): string | null {
  const own = counts.filter((count) => count.configId === configId && count.sourceId !== null);
  return own.sort((a, b) => b.rows - a.rows || compare(a.sourceId ?? '', b.sourceId ?? ''))[0]?.sourceId ?? null;
}

/** Orders text by its code units. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
