// Adds, changes and removes concepts, companies and sites; one that something hangs below stays.
import type { Queryable } from '../../db/database.ts';
import { inputError, TillsyncError } from '../../errors.ts';
import { appendAudit } from '../../records/audit/append-audit.ts';
import type { Level } from '../../records/configs/config.ts';
import { type HierarchyNode, listHierarchy } from '../../records/hierarchy/read-hierarchy.ts';
import {
  type Below,
  deleteNode,
  insertNode,
  lockNode,
  readBelow,
  readConfigsWithin,
  readSourcesOfSite,
  updateNode,
} from '../../records/hierarchy/write-hierarchy.ts';
import { lockSource } from '../../records/sources/lock-source.ts';
import type { Deps } from '../deps.ts';

const levelAbove = { concept: null, company: 'concept', site: 'company' } as const;

/**
 * Adds one; `above` is the id of its concept or company, null = none.
 * Throws TillsyncError hierarchy_name_invalid, hierarchy_unknown (there is no such concept or company).
 */
export async function addNode(
  { database }: Pick<Deps, 'database'>,
  level: Level,
  node: { name: string; above: number | null },
): Promise<HierarchyNode> {
  checkName(node.name, level);
  return await database.transaction(async (q) => {
    const upper = levelAbove[level];
    if (upper !== null && node.above !== null) await lockKnownNode(q, upper, { id: node.above, mode: 'share' });
    const id = await insertNode(q, level, node);
    const { data } = await listHierarchy(q, level, { id });
    await auditNode(q, 'added', { level, node: data[0]! });
    return data[0]!;
  });
}

/**
 * Gives one another name, or another concept or company above it (null = none). One that configs stand at or below is not
 * moved: what they inherit would be other settings. Throws TillsyncError hierarchy_name_invalid, hierarchy_unknown,
 * hierarchy_in_use.
 */
export async function changeNode(
  { database }: Pick<Deps, 'database'>,
  level: Level,
  of: { id: number; name?: string | undefined; above?: number | null | undefined },
): Promise<HierarchyNode> {
  if (of.name !== undefined) checkName(of.name, level);
  return await database.transaction(async (q) => {
    await lockKnownNode(q, level, { id: of.id, mode: 'update' });
    const { data } = await listHierarchy(q, level, { id: of.id });
    const before = data[0]!;
    const { name = before.name, above = before.above } = of;
    if (name === before.name && above === before.above) return before;
    if (above !== before.above) await refuseMove(q, level, { node: before, above });
    await updateNode(q, level, { id: of.id, name, above });
    const node = { ...before, name, above };
    await auditNode(q, 'changed', { level, node, before });
    return node;
  });
}

async function refuseMove(
  q: Queryable,
  level: Level,
  { node, above }: { node: HierarchyNode; above: number | null },
): Promise<void> {
  const upper = levelAbove[level];
  if (upper === null || level === 'concept') return;
  if (above !== null) await lockKnownNode(q, upper, { id: above, mode: 'share' });
  const configs = await readConfigsWithin(q, level, node.id);
  if (configs.length === 0) return;
  throw inUse(level, node, {
    below: configs,
    effect: 'Nothing was moved.',
    hint: 'What these configs inherit would change with the place. Remove them first, or add a new place and configs there.',
  });
}

/** Removes one and returns what it was. Throws TillsyncError hierarchy_unknown, hierarchy_in_use. */
export async function removeNode(
  { database }: Pick<Deps, 'database'>,
  level: Level,
  id: number,
): Promise<HierarchyNode> {
  return await database.transaction(async (q) => {
    await lockKnownNode(q, level, { id, mode: 'update' });
    const { data } = await listHierarchy(q, level, { id });
    const node = data[0]!;
    const below = await readBelow(q, level, id);
    if (below.length > 0) {
      throw inUse(level, node, {
        below,
        effect: 'Nothing was removed.',
        hint: 'Remove those first (`tillsync configs remove`, `tillsync sites remove`, `tillsync companies remove`).',
      });
    }
    for (const sourceId of level === 'site' ? await readSourcesOfSite(q, id) : []) await lockSource(q, sourceId);
    // Before it is gone: what is above it is read from its row.
    await auditNode(q, 'removed', { level, node });
    await deleteNode(q, level, id);
    return node;
  });
}

async function auditNode(
  q: Queryable,
  verb: 'added' | 'changed' | 'removed',
  { level, node, before = node }: { level: Level; node: HierarchyNode; before?: HierarchyNode },
): Promise<void> {
  const upper = levelAbove[level];
  const fields = ({ name, above }: HierarchyNode) => ({ name, ...(upper === null ? {} : { [`${upper}_id`]: above }) });
  await appendAudit(q, {
    action: `${level}.${verb}`,
    subject: { type: level, id: String(node.id), name: node.name },
    place: { [`${level}Id`]: node.id },
    ...(verb === 'removed' ? {} : { after: fields(node) }),
    ...(verb === 'added' ? {} : { before: fields(before) }),
  });
}

/** Keeps one in place until the transaction ends. Throws TillsyncError hierarchy_unknown. */
export async function lockKnownNode(q: Queryable, level: Level, of: Parameters<typeof lockNode>[2]): Promise<void> {
  if (!(await lockNode(q, level, of))) throw nodeUnknown(level, of.id);
}

function checkName(name: string, level: Level): void {
  if (name.trim() !== '' && name.length <= 200 && !/\p{Cc}/u.test(name) && name.isWellFormed()) return;
  throw inputError(
    'hierarchy_name_invalid',
    `The name of a ${level} has 1 to 200 characters and no control characters.`,
    'Give it another name.',
  );
}

const plurals = { concept: 'concepts', company: 'companies', site: 'sites', config: 'configs' } as const;

/** That a concept, company or site is not there. */
export function nodeUnknown(level: Level, id: number): TillsyncError {
  return inputError(
    'hierarchy_unknown',
    `No ${level} has the id ${id}.`,
    `List them with \`tillsync ${plurals[level]} list\`.`,
  );
}

const named = 3;

function inUse(
  level: Level,
  node: HierarchyNode,
  { below, effect, hint }: { below: readonly Below[]; effect: string; hint: string },
): TillsyncError {
  const parts = (['company', 'site', 'config'] as const).flatMap((kind) => {
    const found = below.filter((one) => one.kind === kind);
    if (found.length === 0) return [];
    const names = found.slice(0, named).map(({ name, id }) => `"${name}" (${id})`);
    const more = found.length > named ? `, and ${found.length - named} more` : '';
    return [`${found.length} ${found.length === 1 ? kind : plurals[kind]}: ${names.join(', ')}${more}`];
  });
  return new TillsyncError(`The ${level} "${node.name}" (${node.id}) still has ${parts.join('; ')}.`, {
    code: 'hierarchy_in_use',
    step: 'validation',
    status: 409,
    exitCode: 2,
    effect,
    hint,
    facts: { below: below.map(({ kind, id }) => ({ kind, id })) },
  });
}
