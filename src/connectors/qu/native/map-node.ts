// From one node of a native Qu menu to an item: what it is by its place, and the same key that the intermediary gives it.
import { rejectOf } from '../../../catalog/check-item.ts';
import type { Formatted, Kind } from '../../../catalog/item.ts';
import { idText, readText } from '../../../catalog/raw-fields.ts';
import type { TreeNode } from '../../../catalog/tree/tree-part.ts';
import type { Json } from '../../../json.ts';
import { type MappingRules, mapRow } from '../map-item.ts';

export interface NodeRules extends MappingRules {
  /** itemType of nodes that are sold. */
  itemTypes: ReadonlySet<string>;
  /** Beginnings of titles of nodes that only hold others, whatever their itemType says. */
  groupPrefixes: readonly string[];
}

/** What those below a node must know of it. */
export interface Place {
  id: string | null;
  title: string | null;
  /** It is sold itself: a product, or a modifier below one. */
  isItem: boolean;
  isDeleted: boolean;
}

/** Reads it of a node as far as its members are known. */
export function placeOf(node: TreeNode, { itemTypes, groupPrefixes }: NodeRules): Place {
  const title = titleOf(node) ?? null;
  const type = readText(node.itemType) ?? null;
  const isGroup = title !== null && groupPrefixes.some((prefix) => title.startsWith(prefix));
  return {
    id: idText(node.itemMasterId),
    title,
    isItem: type !== null && itemTypes.has(type) && !isGroup,
    isDeleted: node.deleted === true,
  };
}

/**
 * The item that a node is below `above`, the nearest one last; null = it only holds others, or is deleted. A sold node is a
 * product, and a modifier where a sold node is above it.
 */
export function mapNode(node: TreeNode, above: readonly Place[], rules: NodeRules): Formatted | null {
  const own = placeOf(node, rules);
  if (!own.isItem || own.isDeleted || above.some(({ isDeleted }) => isDeleted)) return null;
  const kind: Kind = above.some(({ isItem }) => isItem) ? 'modifiers' : 'products';
  const key = readKey(node, above.at(-1) ?? null);
  if ('reason' in key) return rejectOf(kind, { externalId: null, pathId: null }, { ...key, raw: node });
  const row = rowOf(kind, node, { ...key, parentTitle: above.at(-1)?.title ?? null });
  if (node.deleted !== undefined && node.deleted !== null && node.deleted !== false) {
    const message = 'deleted is neither true nor false.';
    return rejectOf(
      kind,
      { externalId: key.pathId ?? key.id, pathId: key.pathId },
      { reason: 'invalid_field', message, raw: node },
    );
  }
  return mapRow(kind, row, { rules, data: node });
}

interface NodeKey {
  /** `<parent id>-<id>`, the last two segments of itemPathKey; null = nothing is above it. */
  pathId: string | null;
  parentId: string | null;
  id: string;
}

/** The key of the intermediary. Where the path is absent, the place in the tree says the same. */
function readKey(node: TreeNode, parent: Place | null): NodeKey | { reason: string; message: string } {
  const id = idText(node.itemMasterId);
  if (id === null) return { reason: 'missing_external_id', message: 'The node has no usable itemMasterId.' };
  const path = idText(node.itemPathKey);
  if (path === null) {
    const parentId = parent?.id ?? null;
    return { id, parentId, pathId: parentId === null ? null : `${parentId}-${id}` };
  }
  const segments = path.split('-');
  if (segments.at(-1) !== id) {
    return { reason: 'invalid_path_id', message: 'itemPathKey does not end with itemMasterId.' };
  }
  const parentId = segments.at(-2) ?? null;
  return { id, parentId, pathId: parentId === null ? null : `${parentId}-${id}` };
}

// The intermediary's row of the node: it is what the mapping knows.
function rowOf(kind: Kind, node: TreeNode, key: NodeKey & { parentTitle: string | null }): { [key: string]: Json } {
  const { id, pathId, parentId, parentTitle } = key;
  const group = { id: parentId, name: parentTitle };
  return {
    id,
    ...(pathId === null ? {} : { pathId }),
    name: node.title ?? node.name ?? null,
    itemType: node.itemType ?? null,
    prices: node.prices ?? node.priceAttribute ?? null,
    ...(node.isOutOfStock === undefined ? {} : { isOutOfStock: node.isOutOfStock }),
    ...(kind === 'modifiers' ? { modifierGroup: group } : { menuCategory: group }),
    ...(node.menuCategory === undefined || node.menuCategory === null ? {} : { menuCategory: node.menuCategory }),
  };
}

function titleOf(node: TreeNode): string | null | undefined {
  return readText(node.title ?? node.name);
}
