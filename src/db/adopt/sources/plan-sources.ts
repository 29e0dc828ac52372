// Decides which source each config and its rows belong to: one identity, one source, and legacy ids kept where possible.
import { randomUUID } from 'node:crypto';
import type { Json } from '../../../json.ts';
import type { FoundIdentity } from '../adoption.ts';
import type { SourceFacts } from '../adoption-report.ts';
import type { LegacyConfig } from './legacy-config.ts';
import { type Candidate, compare, type LegacySource, type LegacyWorld, readCandidates } from './read-candidates.ts';

export interface PlannedSource extends SourceFacts {
  found: FoundIdentity | null;
  /** The legacy row whose other columns a new row copies; null for a row that is there. */
  copyOf: string | null;
  /** Whether a row has to be made. */
  isNew: boolean;
}

export interface PlannedConfig {
  id: string;
  connectorId: string;
  level: LegacyConfig['level'];
  sourceId: string | null;
  legacySourceId: string | null;
  params: Record<string, Json>;
  isActive: boolean;
}

export interface SourcePlan {
  sources: PlannedSource[];
  configs: PlannedConfig[];
  /** Config id → the source of its rows. */
  targets: Record<string, string>;
  lines: string[];
  warnings: string[];
}

/** Configs of one legacy row that belong to one source. */
interface Group {
  link: string;
  key: string | null;
  members: Candidate[];
  rows: number;
}

/** Makes the plan; pure except for the ids of new sources. */
export function planSources(world: LegacyWorld): SourcePlan {
  const candidates = readCandidates(world);
  const groups = groupCandidates(candidates);
  const plan: SourcePlan = { sources: [], configs: [], targets: {}, lines: [], warnings: [] };
  const sources = new Map(world.sources.map((source) => [source.id, source]));
  const owners = ownersOf(groups);
  // Legacy rows first: a group that owns its row keeps the id, and its identity's other groups join it.
  const idOfKey = new Map<string, string>();
  for (const group of byRows(owners.values())) {
    if (group.key !== null && !idOfKey.has(group.key)) idOfKey.set(group.key, group.link);
  }
  const planned = new Map<string, PlannedSource>();
  for (const source of world.sources) planned.set(source.id, legacySource(source, world));
  for (const group of byRows(groups)) {
    const legacy = sources.get(group.link);
    if (legacy) settleGroup(plan, { group, legacy, planned, idOfKey, owner: owners.get(group.link) });
  }
  plan.sources = [...planned.values()];
  for (const candidate of candidates) planConfig(plan, candidate, sources);
  chooseActive(plan, candidates);
  explain(plan, candidates);
  return plan;
}

/** Groups by legacy row and identity. A config without identity counts only when it has rows: they may not be mixed. */
function groupCandidates(candidates: readonly Candidate[]): Group[] {
  const groups = new Map<string, Group>();
  for (const candidate of candidates) {
    const { link, key, rows } = candidate;
    if (link === null || (key === null && rows === 0)) continue;
    const name = JSON.stringify([link, key]);
    const group = groups.get(name) ?? { link, key, members: [], rows: 0 };
    group.members.push(candidate);
    group.rows += rows;
    groups.set(name, group);
  }
  for (const group of groups.values()) group.members.sort(byWeight);
  return [...groups.values()];
}

/** Per legacy row the group that keeps its id: the one of the config with most rows. */
function ownersOf(groups: readonly Group[]): Map<string, Group> {
  const owners = new Map<string, Group>();
  for (const group of groups) {
    const other = owners.get(group.link);
    const [mine, theirs] = [group.members[0], other?.members[0]];
    if (!mine || (theirs && byWeight(theirs, mine) < 0)) continue;
    owners.set(group.link, group);
  }
  return owners;
}

const levelWeight = { site: 0, company: 1, concept: 2 } as const;

function byWeight(a: Candidate, b: Candidate): number {
  return (
    b.rows - a.rows ||
    Number(b.key !== null) - Number(a.key !== null) ||
    Number(b.config.active) - Number(a.config.active) ||
    levelWeight[a.config.level] - levelWeight[b.config.level] ||
    compare(b.config.lastSync, a.config.lastSync) ||
    compare(a.config.id, b.config.id)
  );
}

function byRows(groups: Iterable<Group>): Group[] {
  return [...groups].sort((a, b) => b.rows - a.rows || compare(a.link, b.link) || compare(a.key ?? '', b.key ?? ''));
}

function legacySource(source: LegacySource, world: LegacyWorld): PlannedSource {
  const hasRows = world.counts.some(({ sourceId }) => sourceId === source.id);
  const hasConfig = world.configs.some(({ link }) => link === source.id);
  return {
    id: source.id,
    name: source.name,
    connector_id: source.connectorId,
    identity: null,
    outcome: !source.present ? 'recovered' : hasRows || hasConfig ? 'unknown' : 'unused',
    split_from: null,
    configs: [],
    found: null,
    copyOf: null,
    isNew: !source.present,
  };
}

interface Settling {
  group: Group;
  legacy: LegacySource;
  planned: Map<string, PlannedSource>;
  idOfKey: Map<string, string>;
  owner: Group | undefined;
}

/** Gives a group its source: the legacy row it owns, the source that has its identity already, or a new one. */
function settleGroup(plan: SourcePlan, settling: Settling): void {
  const { group, legacy, planned, idOfKey } = settling;
  const known = group.key === null ? undefined : idOfKey.get(group.key);
  const id = known ?? (group.key === null && settling.owner === group ? group.link : randomUUID());
  if (group.key !== null) idOfKey.set(group.key, id);
  const source = planned.get(id) ?? newSource(id, group, legacy);
  planned.set(id, source);
  const found = group.members[0]?.found ?? null;
  if (found && source.found === null) {
    source.found = found;
    source.identity = found.identity;
    if (source.outcome === 'unknown') source.outcome = 'kept';
  }
  for (const { config, rows } of group.members) {
    source.configs.push(config.id);
    plan.targets[config.id] = id;
    if (id !== group.link && rows > 0) {
      plan.lines.push(`${rows} rows of config ${config.name} (${config.id}) move from source ${group.link} to ${id}`);
    }
  }
}

function newSource(id: string, group: Group, legacy: LegacySource): PlannedSource {
  return {
    id,
    name: `${legacy.name}: ${group.members[0]?.config.name ?? 'unnamed'}`,
    connector_id: legacy.connectorId,
    identity: null,
    outcome: 'split',
    split_from: legacy.id,
    configs: [],
    found: null,
    copyOf: legacy.id,
    isNew: true,
  };
}

function planConfig(plan: SourcePlan, candidate: Candidate, sources: ReadonlyMap<string, LegacySource>): void {
  const { config, link, found, key } = candidate;
  plan.configs.push({
    id: config.id,
    connectorId: (link === null ? undefined : sources.get(link)?.connectorId) ?? 'unknown',
    level: config.level,
    // A config without identity is not runnable; chooseActive gives one of them the source that their rows are in.
    sourceId: key === null ? null : (plan.targets[config.id] ?? null),
    legacySourceId: link,
    params: { ...(found?.defaults as Record<string, Json> | undefined), ...candidate.inherited, ...config.params },
    isActive: config.active,
  });
}

/** At most one enabled config per source: the others with the same identity are switched off, and it is said. */
function chooseActive(plan: SourcePlan, candidates: readonly Candidate[]): void {
  const configs = new Map(plan.configs.map((config) => [config.id, config]));
  const taken = new Map<string, string>();
  for (const { config, key } of [...candidates].sort(byWeight)) {
    const planned = configs.get(config.id);
    const target = plan.targets[config.id];
    if (!planned || target === undefined) continue;
    const holder = taken.get(target);
    // Concept and company are defaults for those below only while they have no source.
    if (key === null && config.level === 'site' && (holder === undefined || !planned.isActive))
      planned.sourceId = target;
    if (!planned.isActive) continue;
    if (holder === undefined) taken.set(target, config.id);
    else if (key !== null) {
      planned.isActive = false;
      plan.warnings.push(
        `config ${config.name} (${config.id}) has the same identity as config ${holder} and is switched off now`,
      );
    }
  }
}

function explain(plan: SourcePlan, candidates: readonly Candidate[]): void {
  for (const source of plan.sources) {
    if (source.outcome === 'unknown' || (source.outcome === 'split' && source.identity === null)) {
      plan.warnings.push(
        `source ${source.id} (${source.name}) keeps its rows, but its identity is not known: complete its config's params`,
      );
    }
    if (source.outcome === 'recovered') {
      plan.warnings.push(`source ${source.id} had no row any more; one is made, since rows or configs still name it`);
    }
  }
  for (const { config, link, problem } of candidates) {
    if (problem !== null) plan.warnings.push(`config ${config.name} (${config.id}): ${problem}`);
    if (link === null)
      plan.warnings.push(`config ${config.name} (${config.id}) names no vendor; its connector is "unknown"`);
  }
}
