// Looks into a page of the catalog while its bytes pass by: the cursor of the next page, and of each object what reading goes by.
import { documentError } from '../../../catalog/document-error.ts';
import { idText, isObject, readText } from '../../../catalog/raw-fields.ts';
import { readJsonStream } from '../../../catalog/read-json-stream.ts';
import type { Json } from '../../../json.ts';
import { excerpt } from '../../../net/redact.ts';

/** What is read of one object, e.g. of an ITEM. */
export interface ObjectFacts {
  type: string;
  id: string;
  /** int64 as text; '' = not said. */
  version: string;
  isDeleted: boolean;
  updatedAt: string | null;
  /** The item of a variation, the list of a modifier; null for all others. */
  parent: string | null;
  /** The modifier lists that an item refers to. */
  lists: readonly string[];
  /** Variations of an item, modifiers of a list. */
  nested: readonly ObjectFacts[];
}

export interface ScannedPage {
  /** The bytes as they come, once. Throws TillsyncError when they are no answer of Square, or one that reports errors. */
  body: AsyncIterable<Uint8Array>;
  /** What stood in it; throws while the body was not read to its end. */
  found(): PageFacts;
}

export interface PageFacts {
  objects: readonly ObjectFacts[];
  /** null = this was the last page. */
  cursor: string | null;
  /** When the catalog last changed, as Square says it; null = it does not. */
  latestTime: string | null;
}

/** A look into this body; `redact` takes secrets out of what an error shows. */
export function scanPage(body: AsyncIterable<Uint8Array>, redact: (text: string) => string): ScannedPage {
  const objects: ObjectFacts[] = [];
  const members = new Map<string, Json>();
  let isOver = false;

  async function* pass(): AsyncGenerator<Uint8Array, void, void> {
    const passing: Uint8Array[] = [];
    async function* noted(): AsyncGenerator<Uint8Array, void, void> {
      for await (const bytes of body) {
        passing.push(bytes);
        yield bytes;
      }
    }
    const show = (text: string) => excerpt(text, redact);
    for await (const parts of readJsonStream(noted(), { arrays: ['objects'], excerpt: show })) {
      for (const part of parts) {
        if (part.type === 'member' && part.member !== 'related_objects') members.set(part.member, part.value);
        if (part.type !== 'element' || part.fault !== undefined) continue;
        const facts = factsOf(part.value);
        if (facts !== null) objects.push(facts);
      }
      yield* passing.splice(0);
    }
    yield* passing.splice(0);
    const errors = members.get('errors');
    if (Array.isArray(errors) && errors.length > 0) {
      throw documentError('upstream_error_body', { excerpt: show(JSON.stringify(errors.slice(0, 3))) });
    }
    isOver = true;
  }

  return {
    body: { [Symbol.asyncIterator]: pass },
    found() {
      if (!isOver) throw new Error('the next page was asked for before this one was read');
      const cursor = members.get('cursor');
      const latest = members.get('latest_time');
      return {
        objects,
        cursor: typeof cursor === 'string' && cursor !== '' ? cursor : null,
        latestTime: typeof latest === 'string' && !Number.isNaN(Date.parse(latest)) ? latest : null,
      };
    },
  };
}

/** What is read of one object; null for what has no type or id (format says what is wrong with it). */
export function factsOf(raw: Json): ObjectFacts | null {
  if (!isObject(raw)) return null;
  const id = idText(raw.id);
  if (typeof raw.type !== 'string' || id === null) return null;
  const part = (name: string) => (isObject(raw[name]) ? (raw[name] as { [key: string]: Json }) : {});
  const item = part('item_data');
  const nested = [...listOf(item.variations), ...listOf(part('modifier_list_data').modifiers)];
  const parent = idText(part('item_variation_data').item_id) ?? idText(part('modifier_data').modifier_list_id);
  return {
    type: raw.type,
    id,
    version: readText(raw.version) ?? '',
    isDeleted: raw.is_deleted === true,
    updatedAt: typeof raw.updated_at === 'string' ? raw.updated_at : null,
    parent,
    lists: listOf(item.modifier_list_info)
      .map((info) => (isObject(info) ? idText(info.modifier_list_id) : null))
      .filter((list) => list !== null),
    nested: nested.map(factsOf).filter((facts) => facts !== null),
  };
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}
