// Formatting a page of Toast, menus or discounts: from bytes, or from a document already parsed, to items; pure.
import { rejectOf } from '../../catalog/check-item.ts';
import { documentError } from '../../catalog/document-error.ts';
import { type Formatted, type Kind, kinds } from '../../catalog/item.ts';
import { isObject } from '../../catalog/raw-fields.ts';
import { type ElementFault, type JsonPart, readJsonStream } from '../../catalog/read-json-stream.ts';
import { isDeeperThan, mostDepth, storableRaw } from '../../catalog/storable.ts';
import type { Json } from '../../json.ts';
import { excerpt } from '../../net/redact.ts';
import type { DocumentProof, FormatContext } from '../connector.ts';
import { expandModifiers } from './mapping/expand-modifiers.ts';
import { gatherReferences, type ItemReferences } from './mapping/item-references.ts';
import { type MappingRules, mapDiscount, mapProduct, noIds, type RawObject } from './mapping/map-item.ts';
import { ModifierMaps } from './mapping/modifier-maps.ts';
import { readFormatSettings } from './settings.ts';

const lists = ['menus', 'discounts'];
/** Bytes of one menu, and of one map of modifiers; they are held one at a time, the maps until the end. */
const mostPartBytes = 128 * 1024 * 1024;
const batchSize = 500;

/** Formats the bytes of one page; see Connector.format. */
export async function* format(
  body: AsyncIterable<Uint8Array>,
  context: FormatContext,
): AsyncGenerator<Formatted[], DocumentProof, void> {
  const reader = new PageReader(context);
  const show = (text: string) => excerpt(text, context.redact);
  const stream = readJsonStream(body, { arrays: lists, maxElementBytes: mostPartBytes, excerpt: show });
  for await (const parts of stream) yield* inBatches(readAll(reader, parts));
  yield* inBatches(reader.modifiers());
  return reader.prove();
}

/** Formats a document already parsed; yields the same as `format` of its text. */
export function* formatDocument(document: Json, context: FormatContext): Generator<Formatted, DocumentProof, void> {
  const reader = new PageReader(context);
  // As the configuration API answers, before the fetch has put a name to it.
  const named = Array.isArray(document) ? { discounts: document } : document;
  if (!isObject(named)) {
    const came = excerpt(preview(document), context.redact);
    throw documentError('body_wrong_shape', { excerpt: came, detail: 'no object came where one belongs' });
  }
  for (const [member, value] of Object.entries(named)) {
    if (!lists.includes(member) || !Array.isArray(value)) {
      yield* reader.read({ type: 'member', member, value });
      continue;
    }
    yield* reader.read({ type: 'array', member });
    for (const [index, element] of value.entries()) {
      const fault = isDeeperThan(element, mostDepth) ? { fault: 'too_deep' as const } : {};
      yield* reader.read({ type: 'element', member, index, value: element, ...fault });
    }
  }
  yield* reader.modifiers();
  return reader.prove();
}

// One at a time: a menu of 20,000 items is mapped while it is taken, not beside it.
function* readAll(reader: PageReader, parts: readonly JsonPart[]): Generator<Formatted, void, void> {
  for (const part of parts) yield* reader.read(part);
}

function* inBatches(all: Iterable<Formatted>): Generator<Formatted[], void, void> {
  let batch: Formatted[] = [];
  for (const each of all) {
    batch.push(each);
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Takes the parts of a page in their order; knows at the end what they were. */
class PageReader {
  private readonly rules: MappingRules;
  private readonly redact: ((text: string) => string) | undefined;
  private readonly present = new Set<Kind>();
  private readonly members: string[] = [];
  private readonly owners: ItemReferences = new Map();
  private groups: RawObject | null = null;
  private options: RawObject | null = null;
  private incomplete: string | null = null;

  constructor({ params, redact }: FormatContext) {
    this.rules = { currency: readFormatSettings(params).currency ?? null };
    this.redact = redact;
  }

  *read(part: JsonPart): Generator<Formatted, void, void> {
    if (part.type === 'member') this.member(part.member, part.value);
    else if (part.type === 'array') this.present.add(part.member === 'menus' ? 'products' : 'discounts');
    else if (part.member === 'discounts') yield readDiscount(part.value, { fault: part.fault, rules: this.rules });
    else yield* this.menu(part);
  }

  /** The modifiers of all items: groups and options come behind the menus that refer to them. */
  *modifiers(): Generator<Formatted, void, void> {
    if (this.groups !== null && this.options !== null && this.present.has('products')) this.present.add('modifiers');
    const maps = new ModifierMaps({ groups: this.groups, options: this.options });
    this.incomplete = (yield* expandModifiers(this.owners, { maps, rules: this.rules })) ?? this.incomplete;
  }

  /** What the page proves. Throws when it is neither menus nor discounts. */
  prove(): DocumentProof {
    if (this.present.size === 0) {
      const members = this.members.length === 0 ? 'no members' : `only ${this.members.slice(0, 10).join(', ')}`;
      const detail = excerpt(`it has ${members}, and neither menus nor discounts`, this.redact);
      throw documentError('body_wrong_shape', { excerpt: '', detail });
    }
    const kindsPresent = kinds.filter((kind) => this.present.has(kind));
    if (this.incomplete !== null) return { complete: false, reason: this.incomplete, kindsPresent };
    return { complete: true, kindsPresent };
  }

  private member(member: string, value: Json): void {
    if (this.members.length < 20) this.members.push(member);
    const isMap = member === 'modifierGroupReferences' || member === 'modifierOptionReferences';
    // What is null was not answered; anything else of another shape is not this document.
    if (value === null || (!isMap && !lists.includes(member))) return;
    if (!isMap || !isObject(value)) {
      const detail = `${member} is ${isMap ? 'not an object' : 'not a list'}`;
      throw documentError('body_wrong_shape', { excerpt: excerpt(preview(value), this.redact), detail });
    }
    if (member === 'modifierGroupReferences') this.groups = value;
    else this.options = value;
  }

  private *menu(part: Extract<JsonPart, { type: 'element' }>): Generator<Formatted, void, void> {
    const { value, fault, index } = part;
    if (fault === 'too_large' || fault === 'too_deep') {
      const why = fault === 'too_large' ? 'larger than 128 MiB' : `nested deeper than ${mostDepth} levels`;
      const message = `Menu ${index + 1} of the answer is ${why} and was not read.`;
      this.incomplete = message;
      yield rejectOf('products', noIds, { reason: fault, message, raw: value });
      return;
    }
    if (!isObject(value)) {
      const message = `Menu ${index + 1} of the answer is not an object.`;
      yield rejectOf('products', noIds, { reason: 'not_an_object', message, raw: value });
      return;
    }
    yield* this.groupsOf(value, fault === 'not_utf8');
  }

  // Not deeper than `mostDepth`: deeper menus were set aside.
  private *groupsOf(parent: RawObject, isRepaired: boolean): Generator<Formatted, void, void> {
    for (const item of yield* listed(parent, 'menuItems')) {
      const formatted = mapProduct(item, this.rules);
      yield isRepaired ? repaired(formatted, item) : formatted;
      yield* gatherReferences(this.owners, item);
    }
    for (const group of yield* listed(parent, 'menuGroups')) {
      if (isObject(group)) yield* this.groupsOf(group, isRepaired);
      else
        yield rejectOf('products', noIds, {
          reason: 'not_an_object',
          message: 'A menu group is not an object.',
          raw: group,
        });
    }
  }
}

function* listed(parent: RawObject, name: string): Generator<Formatted, Json[], void> {
  const value = parent[name] ?? null;
  if (value === null) return [];
  if (Array.isArray(value)) return value;
  const message = `${name} of a menu or menu group is not a list.`;
  yield rejectOf('products', noIds, { reason: 'invalid_field', message, raw: value });
  return [];
}

function readDiscount(
  value: Json,
  { fault, rules }: { fault: ElementFault | undefined; rules: MappingRules },
): Formatted {
  if (fault === 'too_large' || fault === 'too_deep') {
    const message = `The discount is ${fault === 'too_large' ? 'too large' : `nested deeper than ${mostDepth} levels`}.`;
    return rejectOf('discounts', noIds, { reason: fault, message, raw: value });
  }
  const formatted = mapDiscount(value, rules);
  return fault === 'not_utf8' ? repaired(formatted, value) : formatted;
}

/** What was read from bytes that are no UTF-8: flagged where it shows, and no item where it is the key. */
function repaired(formatted: Formatted, raw: Json): Formatted {
  if (formatted.type !== 'item' || !JSON.stringify(formatted.item.data).includes('\uFFFD')) return formatted;
  if (!formatted.item.externalId.includes('\uFFFD')) return { ...formatted, sanitised: true };
  const message = 'The guid of the item is not UTF-8 text.';
  return rejectOf(formatted.item.kind, noIds, { reason: 'invalid_external_id', message, raw });
}

/** The beginning of any value as text, however deep it is. */
function preview(value: Json): string {
  return JSON.stringify(storableRaw(value)).slice(0, 1_000);
}
