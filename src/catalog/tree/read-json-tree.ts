// A JSON tree read in a stream: every node's own members, its children one after another, however large the whole is.
import type { JsonTreeOptions, TreePart } from './tree-part.ts';
import { TreeReader } from './tree-reader.ts';

/**
 * Reads a document that is one JSON object with nested lists of children, in pieces of any size, and yields the steps of the
 * walk in batches. Memory: the own members of the nodes under way, so depth × size of a node, and one piece.
 * Throws TillsyncError (step 'format'): body_empty, body_not_json, body_truncated, body_too_large, body_wrong_shape.
 */
export async function* readJsonTree(
  body: AsyncIterable<Uint8Array>,
  options: JsonTreeOptions,
): AsyncGenerator<TreePart[], void, void> {
  const reader = new TreeReader(options);
  for await (const bytes of body) {
    const parts = reader.read(bytes);
    if (parts.length > 0) yield parts;
  }
  reader.finish();
}
