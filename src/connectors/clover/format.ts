// Formatting the pages of a Clover inventory: groups are kept for later pages, items bring their modifiers along; pure.
import { rejectOf } from '../../catalog/check-item.ts';
import { documentError } from '../../catalog/document-error.ts';
import type { Formatted, Kind } from '../../catalog/item.ts';
import { idText, isObject } from '../../catalog/raw-fields.ts';
import { type JsonPart, readJsonStream } from '../../catalog/read-json-stream.ts';
import type { Json } from '../../json.ts';
import { excerpt } from '../../net/redact.ts';
import type { DocumentProof, FormatContext } from '../connector.ts';
import { KnownGroups, unknownModifiers } from './mapping/known-groups.ts';
import { mapDiscount, mapProduct } from './mapping/map-item.ts';
import { noteMember, type PageNote, type Resource, readNote } from './mapping/page.ts';
import { isDeleted } from './mapping/raw-rows.ts';
import { statedCurrency } from './settings.ts';

const list = 'elements';

/** Formats the bytes of one page; see Connector.format. */
export async function* format(
  body: AsyncIterable<Uint8Array>,
  context: FormatContext,
): AsyncGenerator<Formatted[], DocumentProof, void> {
  const reader = new PageReader(context);
  const show = (text: string) => excerpt(text, context.redact);
  for await (const parts of readJsonStream(body, { arrays: [list], excerpt: show })) {
    const batch: Formatted[] = [];
    for (const part of parts) reader.read(part, batch);
    if (batch.length > 0) yield batch;
  }
  const batch: Formatted[] = [];
  const proof = reader.prove(batch);
  if (batch.length > 0) yield batch;
  return proof;
}

/** Formats a page already parsed, or the list of all pages of a fetch; yields the same as `format` of their texts. */
export function* formatDocument(document: Json, context: FormatContext): Generator<Formatted, DocumentProof, void> {
  const earlier = context.earlier ?? new Map<string, unknown>();
  const kindsPresent = new Set<Kind>();
  for (const page of Array.isArray(document) ? document : [document]) {
    const reader = new PageReader({ ...context, earlier });
    const batch: Formatted[] = [];
    if (!isObject(page)) throw wrongShape('no object came where a page belongs');
    for (const [member, value] of Object.entries(page)) {
      if (member !== list || !Array.isArray(value)) {
        reader.read({ type: 'member', member, value }, batch);
        continue;
      }
      reader.read({ type: 'array', member }, batch);
      for (const [index, each] of value.entries()) reader.read({ type: 'element', member, index, value: each }, batch);
    }
    const proof = reader.prove(batch);
    yield* batch;
    for (const kind of proof.kindsPresent) kindsPresent.add(kind);
  }
  return { complete: true, kindsPresent: [...kindsPresent] };
}

// Items bring the modifiers of their groups: an inventory without items has no place for one.
const kindsOf: Readonly<Record<Resource, readonly Kind[]>> = {
  groups: [],
  modifiers: [],
  item_groups: [],
  items: ['products', 'modifiers'],
  discounts: ['discounts'],
};
const kindOf: Readonly<Record<Resource, Kind>> = {
  groups: 'modifiers',
  modifiers: 'modifiers',
  item_groups: 'modifiers',
  items: 'products',
  discounts: 'discounts',
};

/** Takes the parts of one page in their order; knows at the end whether it was one. */
class PageReader {
  private readonly context: FormatContext;
  private readonly groups: KnownGroups;
  private note: PageNote | null = null;
  private hasList = false;

  constructor(context: FormatContext) {
    this.context = context;
    this.groups = KnownGroups.of(context.earlier);
  }

  read(part: JsonPart, into: Formatted[]): void {
    if (part.type === 'member') {
      if (part.member === noteMember) this.note = readNote(part.value);
      if (part.member === list) throw wrongShape('"elements" is not a list');
      return;
    }
    if (this.note === null) {
      throw wrongShape(
        `"${noteMember}" does not say before "elements" what they are; only pages that fetch made can be read`,
      );
    }
    if (part.type === 'array') {
      this.hasList = true;
      if (this.note.group !== undefined) this.groups.beginModifiers(this.note.group);
    } else if (part.index >= (this.note.repeated ?? 0)) {
      this.take(this.note, part, into);
    }
  }

  private take(note: PageNote, part: Extract<JsonPart, { type: 'element' }>, into: Formatted[]): void {
    const { value, fault } = part;
    const currency = statedCurrency(this.context.params) ?? note.currency;
    if (fault !== undefined) {
      into.push(faulty(kindOf[note.resource], part));
      if (note.resource === 'items') into.push(unknownModifiers('Modifiers of an item that cannot be read.', null));
      return;
    }
    if (note.resource === 'groups') this.groups.add(value);
    else if (note.resource === 'modifiers') this.groups.addModifier(note.group ?? '', value);
    else if (note.resource === 'item_groups') this.groups.addLink(note.item ?? '', value);
    else if (note.resource === 'discounts') into.push(mapDiscount(value, currency));
    else this.takeItem(note, value, into);
  }

  private takeItem(note: PageNote, raw: Json, into: Formatted[]): void {
    if (note.onlyDeleted && !(isObject(raw) && isDeleted(raw))) return;
    const currency = statedCurrency(this.context.params) ?? note.currency;
    const product = mapProduct(raw, currency);
    into.push(product);
    const item = isObject(raw) ? idText(raw.id) : null;
    if (item === null || !isObject(raw)) {
      into.push(unknownModifiers('Modifiers of an item without an id.', raw));
      return;
    }
    if (!isDeleted(raw)) this.groups.expand(raw, { item, currency }, into);
    this.groups.takeOff(raw, { item, former: note.former?.get(item) ?? [] }, into);
  }

  /** What the page proves. Throws when it is none; adds what only its end tells. */
  prove(into: Formatted[]): DocumentProof {
    const { note } = this;
    if (note === null || !this.hasList) throw wrongShape(`it lacks "${note === null ? noteMember : list}"`);
    if (note.last === true) this.groups.leaveOut(into);
    return { complete: true, kindsPresent: kindsOf[note.resource] };
  }
}

function faulty(kind: Kind, { value, fault }: Extract<JsonPart, { type: 'element' }>): Formatted {
  const messages = {
    too_large: 'The row is larger than 4 MiB.',
    too_deep: 'The row is nested deeper than 100 levels.',
    not_utf8: 'The row holds bytes that are not UTF-8.',
  };
  const reason = fault ?? 'too_deep';
  // Its groups cannot be read either, so nothing may count as seen or gone on its word.
  return rejectOf(kind, { externalId: null, pathId: null }, { reason, message: messages[reason], raw: value });
}

function wrongShape(detail: string): Error {
  return documentError('body_wrong_shape', { excerpt: '', detail });
}
