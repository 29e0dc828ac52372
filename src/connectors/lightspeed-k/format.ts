// Formatting a Lightspeed page: from bytes, or from a document already parsed, to items one by one; pure.
import { rejectOf } from '../../catalog/check-item.ts';
import { documentError } from '../../catalog/document-error.ts';
import { type Formatted, type Kind, kinds } from '../../catalog/item.ts';
import { isObject } from '../../catalog/raw-fields.ts';
import { type ElementFault, type JsonPart, readJsonStream } from '../../catalog/read-json-stream.ts';
import { isDeeperThan, mostDepth, storableRaw } from '../../catalog/storable.ts';
import type { TillsyncError } from '../../errors.ts';
import type { Json } from '../../json.ts';
import { excerpt } from '../../net/redact.ts';
import type { DocumentProof, FormatContext } from '../connector.ts';
import { type MappingRules, mapDiscount, mapModifier, mapProduct } from './map-item.ts';
import { readFormatSettings } from './settings.ts';
import { modifiersOf, WrongMenu } from './walk-menu.ts';

/** What the lists of a page hold. The list of menus proves that they were answered, and holds no item itself. */
const kindOfMember: Readonly<Record<string, Kind>> = {
  items: 'products',
  menus: 'modifiers',
  menuEntryGroups: 'modifiers',
  discounts: 'discounts',
};
const arrays = Object.keys(kindOfMember);

// A whole screen of a menu is one element: some hundred items with all their modifiers.
const maxElementBytes = 32 * 1024 * 1024;

/** Formats the bytes of one page; see Connector.format. */
export async function* format(
  body: AsyncIterable<Uint8Array>,
  context: FormatContext,
): AsyncGenerator<Formatted[], DocumentProof, void> {
  const reader = new PageReader(context);
  const show = (text: string) => excerpt(text, context.redact);
  for await (const parts of readJsonStream(body, { arrays, maxElementBytes, excerpt: show })) {
    const batch = parts.flatMap((part) => [...reader.read(part)]);
    if (batch.length > 0) yield batch;
  }
  return reader.prove();
}

/** Formats a document already parsed; yields the same as `format` of its text. */
export function* formatDocument(document: Json, context: FormatContext): Generator<Formatted, DocumentProof, void> {
  const reader = new PageReader(context);
  // Several pages are handed on as a list of them.
  for (const page of Array.isArray(document) ? document : [document]) yield* formatPage(page, reader);
  return reader.prove();
}

function* formatPage(page: Json, reader: PageReader): Generator<Formatted, void, void> {
  if (!isObject(page)) throw reader.wrongShape('no object came where one belongs', page);
  for (const member of Object.keys(page)) {
    const value = page[member] ?? null;
    if (!Object.hasOwn(kindOfMember, member) || !Array.isArray(value)) {
      yield* reader.read({ type: 'member', member, value });
      continue;
    }
    yield* reader.read({ type: 'array', member });
    for (const [index, element] of value.entries()) {
      const fault = isDeeperThan(element, mostDepth) ? { fault: 'too_deep' as const } : {};
      yield* reader.read({ type: 'element', member, index, value: element, ...fault });
    }
  }
}

/** Takes the parts of a page in their order; knows at the end what they prove. */
class PageReader {
  private readonly rules: MappingRules;
  private readonly redact: ((text: string) => string) | undefined;
  private readonly present = new Set<Kind>();
  private readonly members: string[] = [];
  private unread: string | null = null;

  constructor({ params, redact }: FormatContext) {
    this.rules = readFormatSettings(params);
    this.redact = redact;
  }

  *read(part: JsonPart): Generator<Formatted, void, void> {
    if (part.type === 'member') {
      this.member(part.member, part.value);
      return;
    }
    const kind = kindOfMember[part.member] as Kind;
    if (part.type === 'array') this.present.add(kind);
    else if (this.isUnreadable(part)) yield this.unreadable(kind, part);
    else {
      for (const formatted of this.itemsOf(part.member, part.value)) {
        yield part.fault === 'not_utf8' ? notUtf8(formatted) : formatted;
      }
    }
  }

  /** What the page proves. Throws when it is none. */
  prove(): DocumentProof {
    if (this.present.size === 0) {
      const members = this.members.length === 0 ? 'no members' : `only ${this.members.slice(0, 10).join(', ')}`;
      throw this.wrongShape(`it has ${members}, and none of ${arrays.join(', ')}`);
    }
    const kindsPresent = kinds.filter((kind) => this.present.has(kind));
    return this.unread === null
      ? { complete: true, kindsPresent }
      : { complete: false, reason: this.unread, kindsPresent };
  }

  wrongShape(detail: string, came?: Json): TillsyncError {
    const shown = came === undefined ? '' : excerpt(JSON.stringify(storableRaw(came)).slice(0, 1_000), this.redact);
    return documentError('body_wrong_shape', { excerpt: shown, detail: excerpt(detail, this.redact) });
  }

  private *itemsOf(member: string, value: Json): Generator<Formatted, void, void> {
    if (member === 'items') yield mapProduct(value, this.rules);
    else if (member === 'discounts') yield mapDiscount(value, this.rules);
    else if (member === 'menuEntryGroups') yield* this.modifiersOf(value);
  }

  private *modifiersOf(screen: Json): Generator<Formatted, void, void> {
    try {
      for (const found of modifiersOf(screen)) yield mapModifier(found, this.rules);
    } catch (error) {
      if (!(error instanceof WrongMenu)) throw error;
      throw this.wrongShape(`${error.path} is not a list of objects`);
    }
  }

  private member(member: string, value: Json): void {
    if (this.members.length < 20) this.members.push(member);
    // A list that is null was not answered; anything else that is no list is not this page.
    if (Object.hasOwn(kindOfMember, member) && value !== null) throw this.wrongShape(`${member} is not a list`, value);
  }

  /** An item that is only too deep still has its key, unless that may have lost digits. */
  private isUnreadable({ member, value, fault }: Extract<JsonPart, { type: 'element' }>): boolean {
    if (fault !== 'too_deep') return fault === 'too_large';
    const id = isObject(value) ? value.id : null;
    return member === 'menuEntryGroups' || (typeof id === 'number' && !Number.isSafeInteger(id));
  }

  private unreadable(kind: Kind, part: { member: string; value: Json; fault?: ElementFault }): Formatted {
    const isScreen = part.member === 'menuEntryGroups';
    // What a screen holds counts as unseen then: absence from such a page proves nothing.
    if (isScreen) this.unread = 'a screen of a menu could not be read';
    const what = isScreen ? 'A screen of a menu' : 'The item';
    const isLarge = part.fault === 'too_large';
    const message = isLarge ? `${what} is larger than 32 MiB.` : `${what} is nested deeper than ${mostDepth} levels.`;
    const reason = isLarge ? 'too_large' : 'too_deep';
    return rejectOf(kind, { externalId: null, pathId: null }, { reason, message, raw: part.value });
  }
}

function notUtf8(formatted: Formatted): Formatted {
  if (formatted.type !== 'item') return formatted;
  const { kind, externalId, pathId, data } = formatted.item;
  if (!`${externalId}${pathId}`.includes('\uFFFD')) return { ...formatted, sanitised: true };
  const message = 'The id of the item is not UTF-8 text.';
  return rejectOf(kind, { externalId: null, pathId: null }, { reason: 'invalid_external_id', message, raw: data });
}
