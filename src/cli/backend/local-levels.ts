// The verbs on the hierarchy and on what configs make of it, on the database that this process opened.
import type { App } from '../../app.ts';
import type { Level } from '../../records/configs/config.ts';
import { type HierarchyNode, listHierarchy } from '../../records/hierarchy/read-hierarchy.ts';
import { findConfig } from '../find-config.ts';
import { readParams } from '../parse-params.ts';
import { askedHere, requestedBy } from '../with-app.ts';
import type { LevelVerbs, ShownNode } from './backend.ts';

/** The part of an opened app's backend that is about levels. */
export function localLevels({ database, deps }: Pick<App, 'database' | 'deps'>): LevelVerbs {
  const idOf = async (named: string) => (await findConfig(database, named)).id;
  return {
    async listNodes(level) {
      const nodes: ShownNode[] = [];
      for (let cursor: string | undefined; ; ) {
        const { data, next } = await listHierarchy(database, level, { limit: 1000, cursor });
        nodes.push(...data.map((node) => shown(level, node)));
        if (next === null) return nodes;
        cursor = next;
      }
    },
    async addNode(level, node) {
      const { addNode } = await import('../../sync/hierarchy/change-hierarchy.ts');
      return shown(level, await addNode(askedHere({ deps }), level, { name: node.name, above: node.above ?? null }));
    },
    async changeNode(level, node) {
      const { changeNode } = await import('../../sync/hierarchy/change-hierarchy.ts');
      return shown(level, await changeNode(askedHere({ deps }), level, node));
    },
    async removeNode(level, id) {
      const { removeNode } = await import('../../sync/hierarchy/change-hierarchy.ts');
      return shown(level, await removeNode(askedHere({ deps }), level, id));
    },
    async removeConfig(named) {
      const { removeConfig } = await import('../../sync/configs/remove-config.ts');
      return await removeConfig(deps, { configId: await idOf(named), requestedBy: requestedBy() });
    },
    async explainConfig(named) {
      const { explainConfig } = await import('../../sync/configs/explain-config.ts');
      return await explainConfig(deps, await idOf(named));
    },
    async whatIf(named, { set, unset }) {
      const config = await findConfig(database, named);
      const typed = await readParams(
        { database, deps },
        { connectorId: config.connector_id, texts: set, option: '--set' },
      );
      const { whatIf } = await import('../../sync/configs/what-if.ts');
      return await whatIf(deps, { configId: config.id, params: { ...typed, ...unset } });
    },
    async retireSource(sourceId) {
      const { retireSource } = await import('../../sync/hierarchy/retire-source.ts');
      return await retireSource(deps, { sourceId, requestedBy: requestedBy() });
    },
    async deleteSource(sourceId) {
      const { deleteSource } = await import('../../sync/hierarchy/retire-source.ts');
      return await deleteSource(deps, { sourceId, requestedBy: requestedBy() });
    },
  };
}

function shown(level: Level, { id, above, name, created_at }: HierarchyNode): ShownNode {
  if (level === 'concept') return { id, name, created_at };
  return level === 'company'
    ? { id, name, created_at, concept_id: above }
    : { id, name, created_at, company_id: above };
}
