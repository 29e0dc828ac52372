// Formatting a Qu answer: from bytes, or from a document already parsed, to items one by one; pure.
import { rejectOf } from '../../catalog/check-item.ts';
import { documentError } from '../../catalog/document-error.ts';
import type { Formatted, Kind } from '../../catalog/item.ts';
import { isObject } from '../../catalog/raw-fields.ts';
import { type ElementFault, type JsonPart, readJsonStream } from '../../catalog/read-json-stream.ts';
import { storableRaw } from '../../catalog/storable.ts';
import type { Json } from '../../json.ts';
import { excerpt } from '../../net/redact.ts';
import type { DocumentProof, FormatContext } from '../connector.ts';
import { type MappingRules, mapItem, readIds } from './map-item.ts';
import { readFormatSettings } from './settings.ts';

const memberOfKind: Readonly<Record<Kind, string>> = {
  products: 'menuItems',
  modifiers: 'modifiers',
  discounts: 'discounts',
};
const kindOfMember = new Map(Object.entries(memberOfKind).map(([kind, member]) => [member, kind as Kind]));

/** Formats the bytes of one answer; see Connector.format. */
export async function* format(
  body: AsyncIterable<Uint8Array>,
  context: FormatContext,
): AsyncGenerator<Formatted[], DocumentProof, void> {
  const reader = new CatalogReader(context);
  const show = (text: string) => excerpt(text, context.redact);
  for await (const parts of readJsonStream(body, { arrays: Object.values(memberOfKind), excerpt: show })) {
    const batch = parts.map((part) => reader.read(part)).filter((formatted) => formatted !== null);
    if (batch.length > 0) yield batch;
  }
  return reader.prove();
}

/** Formats a document already parsed; yields the same as `format` of its text. */
export function* formatDocument(document: Json, context: FormatContext): Generator<Formatted, DocumentProof, void> {
  const reader = new CatalogReader(context);
  if (!isObject(document)) {
    const came = excerpt(preview(document), context.redact);
    throw documentError('body_wrong_shape', { excerpt: came, detail: 'no object came where one belongs' });
  }
  for (const member of Object.keys(document)) {
    const value = document[member] ?? null;
    if (!kindOfMember.has(member) || !Array.isArray(value)) {
      reader.read({ type: 'member', member, value });
      continue;
    }
    reader.read({ type: 'array', member });
    for (const [index, element] of value.entries()) {
      const formatted = reader.read({ type: 'element', member, index, value: element });
      if (formatted !== null) yield formatted;
    }
  }
  return reader.prove();
}

/** Takes the parts of a document in their order; knows at the end whether they were a whole catalog. */
class CatalogReader {
  private readonly rules: MappingRules;
  private readonly redact: ((text: string) => string) | undefined;
  private readonly present = new Set<Kind>();
  private readonly members: string[] = [];
  private reported: string | null = null;

  constructor({ params, redact }: FormatContext) {
    const { exclude_categories, currency } = readFormatSettings(params);
    this.rules = { excludeCategories: exclude_categories, currency: currency ?? null };
    this.redact = redact;
  }

  read(part: JsonPart): Formatted | null {
    if (part.type === 'member') {
      this.member(part.member, part.value);
      return null;
    }
    const kind = kindOfMember.get(part.member) as Kind;
    if (part.type === 'array') {
      this.present.add(kind);
      return null;
    }
    return part.fault === undefined ? mapItem(kind, part.value, this.rules) : this.faulty(kind, part.value, part.fault);
  }

  /** What the document proves. Throws when it reports an error or is no catalog at all. */
  prove(): DocumentProof {
    if (this.reported !== null) {
      throw documentError('upstream_error_body', { excerpt: excerpt(this.reported, this.redact) });
    }
    if (this.present.size === 0) {
      const members = this.members.length === 0 ? 'no members' : `only ${this.members.slice(0, 10).join(', ')}`;
      throw documentError('body_wrong_shape', {
        excerpt: '',
        detail: excerpt(`it has ${members}, and none of menuItems, modifiers and discounts`, this.redact),
      });
    }
    return {
      complete: true,
      kindsPresent: (Object.keys(memberOfKind) as Kind[]).filter((kind) => this.present.has(kind)),
    };
  }

  private member(member: string, value: Json): void {
    if (this.members.length < 20) this.members.push(member);
    const kind = kindOfMember.get(member);
    // A kind that is null was not answered; anything else that is no list is not this document.
    if (kind !== undefined && value !== null) {
      throw documentError('body_wrong_shape', {
        excerpt: excerpt(preview(value), this.redact),
        detail: `${member} is not a list`,
      });
    }
    if (member === 'hasError' && value === true) this.reported ??= 'hasError is true';
    if (member === 'error' && isReported(value)) this.reported = reportedText(value);
  }

  private faulty(kind: Kind, value: Json, fault: ElementFault): Formatted {
    const none = { externalId: null, pathId: null };
    if (fault === 'too_large') {
      return rejectOf(kind, none, { reason: 'too_large', message: 'The item is larger than 4 MiB.', raw: value });
    }
    if (fault === 'too_deep') {
      // Its ids are at its top; a number there that is no safe integer may have lost digits.
      const ids = isObject(value) && hasExactIds(value) ? readIds(kind, value) : none;
      const message = 'The item is nested deeper than 100 levels.';
      return rejectOf(kind, ids, { reason: 'too_deep', message, raw: value });
    }
    const formatted = mapItem(kind, value, this.rules);
    const ids = formatted.type === 'item' ? formatted.item : formatted.type === 'reject' ? formatted.reject : formatted;
    if (`${ids.externalId}${ids.pathId}`.includes('\uFFFD')) {
      const message = 'The id of the item is not UTF-8 text.';
      return rejectOf(kind, none, { reason: 'invalid_external_id', message, raw: value });
    }
    return formatted.type === 'item' ? { ...formatted, sanitised: true } : formatted;
  }
}

function hasExactIds(value: { [key: string]: Json }): boolean {
  return [value.pathId, value.id].every((id) => typeof id !== 'number' || Number.isSafeInteger(id));
}

/** The beginning of any value as text, however deep it is. */
export function preview(value: Json): string {
  return JSON.stringify(storableRaw(value)).slice(0, 1_000);
}

/** Whether an error member of a document says something. */
export function isReported(value: Json): boolean {
  return value !== null && value !== '' && value !== false && !(isObject(value) && Object.keys(value).length === 0);
}

/** What it says. */
export function reportedText(value: Json): string {
  return typeof value === 'string' ? value : preview(value);
}
