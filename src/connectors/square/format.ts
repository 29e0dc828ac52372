// Formatting an answer of Square's catalog: from bytes, or from a document already parsed, to items; pure.
import { documentError } from '../../catalog/document-error.ts';
import { type Formatted, kinds } from '../../catalog/item.ts';
import { idText, isObject } from '../../catalog/raw-fields.ts';
import { type JsonPart, readJsonStream } from '../../catalog/read-json-stream.ts';
import { storableRaw } from '../../catalog/storable.ts';
import type { Json } from '../../json.ts';
import { excerpt } from '../../net/redact.ts';
import type { DocumentProof, FormatContext } from '../connector.ts';
import { type Mapping, mapFaulty, mapObject } from './mapping/map-object.ts';
import { ModifierLists } from './mapping/modifier-lists.ts';
import { readLocationIds } from './settings.ts';

const arrays = ['objects', 'related_objects'];

/** Formats the bytes of one answer; see Connector.format. */
export async function* format(
  body: AsyncIterable<Uint8Array>,
  context: FormatContext,
): AsyncGenerator<Formatted[], DocumentProof, void> {
  const reader = new PageReader(context);
  const show = (text: string) => excerpt(text, context.redact);
  for await (const parts of readJsonStream(body, { arrays, excerpt: show })) {
    const batch = parts.flatMap((part) => [...reader.read(part)]);
    if (batch.length > 0) yield batch;
  }
  const rest = [...reader.rest()];
  if (rest.length > 0) yield rest;
  return reader.prove();
}

/** Formats a document already parsed; yields the same as `format` of its text. */
export function* formatDocument(document: Json, context: FormatContext): Generator<Formatted, DocumentProof, void> {
  const reader = new PageReader(context);
  if (!isObject(document)) {
    const came = excerpt(preview(document), context.redact);
    throw documentError('body_wrong_shape', { excerpt: came, detail: 'no object came where one belongs' });
  }
  for (const [member, value] of Object.entries(document)) {
    if (!arrays.includes(member) || !Array.isArray(value)) {
      yield* reader.read({ type: 'member', member, value });
      continue;
    }
    yield* reader.read({ type: 'array', member });
    for (const [index, element] of value.entries()) {
      yield* reader.read({ type: 'element', member, index, value: element });
    }
  }
  yield* reader.rest();
  return reader.prove();
}

/** Takes the parts of one page in their order. Lists and the note of a delta stay in `earlier` for the pages behind it. */
class PageReader {
  private readonly context: FormatContext;
  private readonly earlier: Map<string, unknown>;
  private readonly mapping: Mapping;
  private readonly members: string[] = [];
  private dangling: string | null = null;

  constructor(context: FormatContext) {
    this.context = context;
    this.earlier = context.earlier ?? new Map();
    const lists = (this.earlier.get('lists') as ModifierLists | undefined) ?? new ModifierLists();
    this.earlier.set('lists', lists);
    const isDelta = this.earlier.get('is_delta') === true;
    this.mapping = { lists, isDelta, only: readLocationIds(context.params), waiting: [] };
  }

  *read(part: JsonPart): Generator<Formatted, void, void> {
    if (part.type === 'element') {
      yield* part.fault === undefined ? mapObject(part.value, this.mapping) : mapFaulty(part.value, part.fault);
      return;
    }
    this.members.push(part.member);
    if (part.type === 'member') this.member(part.member, part.value);
  }

  /** What waited for a list that came later on the same page. */
  *rest(): Generator<Formatted, void, void> {
    const { lists, waiting, only } = this.mapping;
    for (const { item, info } of waiting) {
      const listId = idText(info.modifier_list_id) ?? '';
      yield* lists.of(item, info, only);
      if (!lists.has(listId)) this.dangling ??= listId;
    }
  }

  prove(): DocumentProof {
    // Square leaves out what is empty: {} is an answer without objects.
    const isKnown = ['objects', 'related_objects', 'cursor', 'latest_time', 'changes_since'].some((name) =>
      this.members.includes(name),
    );
    if (!isKnown && this.members.length > 0) {
      const detail = excerpt(
        `it has only ${this.members.slice(0, 10).join(', ')}, and no objects`,
        this.context.redact,
      );
      throw documentError('body_wrong_shape', { excerpt: '', detail });
    }
    // In a fetch the lists are read before; what is still not there was deleted (see reading/read-all.ts).
    if (this.dangling !== null && this.context.earlier === undefined) {
      const reason = `An item refers to the modifier list ${this.dangling}, which is not in this document.`;
      return { complete: false, reason, kindsPresent: kinds };
    }
    return { complete: true, kindsPresent: kinds };
  }

  private member(member: string, value: Json): void {
    if (arrays.includes(member) && value !== null) {
      const detail = `${member} is not a list`;
      throw documentError('body_wrong_shape', { excerpt: excerpt(preview(value), this.context.redact), detail });
    }
    if (member === 'errors' && Array.isArray(value) && value.length > 0) {
      throw documentError('upstream_error_body', { excerpt: excerpt(preview(value), this.context.redact) });
    }
    if (member === 'changes_since') {
      this.earlier.set('is_delta', true);
      this.mapping.isDelta = true;
    }
  }
}

/** The beginning of any value as text, however deep it is. */
function preview(value: Json): string {
  return JSON.stringify(storableRaw(value)).slice(0, 1_000);
}
