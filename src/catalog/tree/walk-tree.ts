// The walk over a JSON tree that is already parsed: the same steps as of the stream.
import { documentError } from '../document-error.ts';
import { isObject } from '../raw-fields.ts';
import { mostTreeLevels, type TreeNode, type TreePart } from './tree-part.ts';

/**
 * The same walk over a document already parsed. Throws TillsyncError body_wrong_shape where an element of a list of children
 * is no object, or nodes are nested too deeply.
 */
export function* walkTree(document: TreeNode, children: string, depth = 0): Generator<TreePart, void, void> {
  if (depth > mostTreeLevels) {
    const detail = `its nodes are nested deeper than ${mostTreeLevels} levels`;
    throw documentError('body_wrong_shape', { excerpt: '', detail });
  }
  const list = Object.hasOwn(document, children) ? document[children] : undefined;
  if (!Array.isArray(list)) {
    yield { type: 'close', depth, node: document, hasList: false };
    return;
  }
  const members = Object.entries(document);
  const place = members.findIndex(([name]) => name === children);
  const before = Object.fromEntries(members.slice(0, place));
  if (list.length > 0) yield { type: 'open', depth, node: before, hasList: true };
  for (const child of list) {
    if (!isObject(child)) {
      throw documentError('body_wrong_shape', { excerpt: '', detail: `an element of ${children} is not an object` });
    }
    yield* walkTree(child, children, depth + 1);
  }
  const node = Object.fromEntries(members.filter(([name]) => name !== children));
  yield { type: 'close', depth, node, hasList: true };
}
