// Formatting a native Qu menu: a tree of up to hundreds of megabytes, walked node by node; pure.
import { rejectOf } from '../../../catalog/check-item.ts';
import { documentError } from '../../../catalog/document-error.ts';
import type { Formatted, Kind } from '../../../catalog/item.ts';
import { isObject } from '../../../catalog/raw-fields.ts';
import { readJsonTree } from '../../../catalog/tree/read-json-tree.ts';
import type { TreeNode, TreePart } from '../../../catalog/tree/tree-part.ts';
import { walkTree } from '../../../catalog/tree/walk-tree.ts';
import type { TillsyncError } from '../../../errors.ts';
import type { Json } from '../../../json.ts';
import { excerpt } from '../../../net/redact.ts';
import type { DocumentProof, FormatContext } from '../../connector.ts';
import { isReported, preview, reportedText } from '../format.ts';
import { readFormatSettings } from '../settings.ts';
import { mapNode, type NodeRules, type Place, placeOf } from './map-node.ts';

const children = 'children';

/** Formats the bytes of one answer; see Connector.format. */
export async function* formatMenu(
  body: AsyncIterable<Uint8Array>,
  context: FormatContext,
): AsyncGenerator<Formatted[], DocumentProof, void> {
  const reader = new MenuReader(context);
  const show = (text: string) => excerpt(text, context.redact);
  for await (const parts of readJsonTree(body, { children, excerpt: show })) {
    const batch = parts.map((part) => reader.read(part)).filter((formatted) => formatted !== null);
    if (batch.length > 0) yield batch;
  }
  return reader.prove();
}

/** Formats a document already parsed; yields the same as `formatMenu` of its text. */
export function* formatMenuDocument(document: Json, context: FormatContext): Generator<Formatted, DocumentProof, void> {
  const reader = new MenuReader(context);
  if (!isObject(document)) {
    const came = excerpt(preview(document), context.redact);
    throw documentError('body_wrong_shape', { excerpt: came, detail: 'no object came where one belongs' });
  }
  for (const part of walkTree(document, children)) {
    const formatted = reader.read(part);
    if (formatted !== null) yield formatted;
  }
  return reader.prove();
}

/** Takes the steps of the walk in their order; knows at the end whether they were a whole menu. */
class MenuReader {
  private readonly rules: NodeRules;
  private readonly redact: ((text: string) => string) | undefined;
  // The nodes above the one under way, without the document.
  private readonly above: Place[] = [];
  private document: TreePart | null = null;

  constructor({ params, redact }: FormatContext) {
    const read = readFormatSettings(params);
    this.rules = {
      excludeCategories: read.exclude_categories,
      currency: read.currency ?? null,
      itemTypes: new Set(read.item_types),
      groupPrefixes: read.group_prefixes,
    };
    this.redact = redact;
  }

  read(part: TreePart): Formatted | null {
    const { type, depth, node } = part;
    if (depth === 0) {
      if (type === 'close') this.document = part;
      return null;
    }
    if (type === 'open') {
      this.above.push(placeOf(node, this.rules));
      return null;
    }
    const wasOpened = this.above.length === depth;
    if (wasOpened) this.checkKnownBefore(node, this.above.pop() as Place);
    if (node.children !== undefined && node.children !== null) {
      throw this.wrongShape('the children of a node are not a list', node.children);
    }
    return part.fault === undefined ? mapNode(node, this.above, this.rules) : this.faulty(node);
  }

  /** What the document proves. Throws when it reports an error or is no menu. Discounts are not in it: none is looked at. */
  prove(): DocumentProof {
    const { node = {}, hasList = false } = this.document ?? {};
    const reported = [node.errors, node.error].find((value) => value !== undefined && isGiven(value));
    if (reported !== undefined || node.succeed === false) {
      const text = reportedText(reported ?? 'succeed is false');
      throw documentError('upstream_error_body', { excerpt: excerpt(text, this.redact) });
    }
    if (!hasList) {
      const members = Object.keys(node).slice(0, 10).join(', ');
      throw this.wrongShape(`it has ${members === '' ? 'no members' : `only ${members}`}, and no list of children`);
    }
    return { complete: true, kindsPresent: ['products', 'modifiers'] };
  }

  /** Those below were read by what stood before them: nothing that matters to them may come after. */
  private checkKnownBefore(node: TreeNode, before: Place): void {
    const after = placeOf(node, this.rules);
    const changed = (Object.keys(after) as (keyof Place)[]).find((field) => after[field] !== before[field]);
    if (changed === undefined) return;
    throw this.wrongShape('a node says what it is only after its children', node.title ?? node.itemMasterId ?? null);
  }

  private faulty(node: TreeNode): Formatted | null {
    const formatted = mapNode(node, this.above, this.rules);
    if (formatted === null) return null;
    const { kind, externalId, pathId } = idsOf(formatted);
    // A number of a node that is too deep may have lost digits.
    const isExact = typeof node.itemMasterId !== 'number' || Number.isSafeInteger(node.itemMasterId);
    if (!isExact || `${externalId}${pathId}`.includes('\uFFFD')) {
      const message = 'The id of the item cannot be read byte by byte.';
      const none = { externalId: null, pathId: null };
      return rejectOf(kind, none, { reason: 'invalid_external_id', message, raw: node });
    }
    return formatted.type === 'item' ? { ...formatted, sanitised: true } : formatted;
  }

  private wrongShape(detail: string, came?: Json): TillsyncError {
    const shown = came === undefined ? '' : excerpt(preview(came), this.redact);
    return documentError('body_wrong_shape', { excerpt: shown, detail: excerpt(detail, this.redact) });
  }
}

function idsOf(formatted: Formatted): { kind: Kind; externalId: string | null; pathId: string | null } {
  if (formatted.type === 'item') return formatted.item;
  return formatted.type === 'reject' ? formatted.reject : formatted;
}

function isGiven(value: Json): boolean {
  return Array.isArray(value) ? value.length > 0 : isReported(value);
}
