// What the walk over a JSON tree yields, and how it is asked for.
import type { Json } from '../../json.ts';

export type TreeNode = { [key: string]: Json };

export interface JsonTreeOptions {
  /** The member that holds the children of the document and of each node, e.g. 'children'. */
  children: string;
  /** Most bytes of one node without its children; default 4 MiB. */
  maxNodeBytes?: number;
  /** Makes the beginning of a foreign text fit to be shown: one line, short, without secrets. */
  excerpt(text: string): string;
}

/**
 * One step of the walk, the document itself at depth 0. `open`: its first child begins; the members that stand before the
 * list are known. `close`: all members but the children are known. A node without children is only closed.
 */
export interface TreePart {
  type: 'open' | 'close';
  depth: number;
  /** Without its list of children; children that are no list stand in it as they are. */
  node: TreeNode;
  /** Whether it has a list of children, be it empty. */
  hasList: boolean;
  /** too_deep: `node` must not be handed to anything that recurses; not_utf8: bytes that are no UTF-8 are U+FFFD in it. */
  fault?: 'too_deep' | 'not_utf8';
}

/** Most levels of nodes; real menus have about ten. */
export const mostTreeLevels = 100;
