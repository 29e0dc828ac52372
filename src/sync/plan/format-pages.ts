// Turns the stored pages of a run into one stream of items, each page by the connector or as a body already formatted.
import { rejectOf } from '../../catalog/check-item.ts';
import { itemFromFormatted } from '../../catalog/formatted-item.ts';
import { type Formatted, type Kind, kinds, type Reject } from '../../catalog/item.ts';
import { isObject } from '../../catalog/raw-fields.ts';
import { type ElementFault, type JsonPart, readJsonStream } from '../../catalog/read-json-stream.ts';
import type { Connector, DocumentProof } from '../../connectors/connector.ts';
import type { Queryable } from '../../db/database.ts';
import type { Json } from '../../json.ts';
import { excerpt, redactor } from '../../net/redact.ts';
import { type RunPage, readPayload } from '../../records/payloads/read-payload.ts';
import type { ItemStream } from '../draft/collect-items.ts';

export interface PagesToFormat {
  sourceId: string;
  pages: readonly RunPage[];
  connector: Connector;
  params: Readonly<Record<string, unknown>>;
  /** Kept out of every error's excerpt. */
  secrets: Readonly<Record<string, string>>;
}

/** A stream over all pages that can be opened again and again; `queryable` is not the save transaction's connection. */
export function formatPages(queryable: Queryable, of: PagesToFormat): ItemStream {
  const { connector, params, secrets } = of;
  const redact = redactor(connector.secretTexts?.({ params, secrets }) ?? Object.values(secrets));
  return async function* formatAll() {
    const proofs: DocumentProof[] = [];
    const earlier = new Map<string, unknown>();
    for (const page of of.pages) {
      const body = readPayload(queryable, { sourceId: of.sourceId, payloadId: page.payloadId });
      proofs.push(
        page.form === 'formatted'
          ? yield* formatFormatted(body)
          : yield* of.connector.format(body, { params: of.params, earlier, redact }),
      );
    }
    return mergeProofs(proofs);
  };
}

function mergeProofs(proofs: readonly DocumentProof[]): DocumentProof {
  const broken = proofs.find(({ complete }) => !complete);
  const kindsPresent = kinds.filter((kind) => proofs.some((proof) => proof.kindsPresent.includes(kind)));
  return {
    complete: broken === undefined,
    kindsPresent,
    ...(broken?.reason === undefined ? {} : { reason: broken.reason }),
  };
}

/** Reads a body of save-integration-data as it was stored: `{products: […], modifiers: […], discounts: […]}`. */
async function* formatFormatted(body: AsyncIterable<Uint8Array>): AsyncGenerator<Formatted[], DocumentProof, void> {
  const kindsPresent: Kind[] = [];
  for await (const parts of readJsonStream(body, { arrays: kinds, excerpt })) {
    const batch: Formatted[] = [];
    for (const part of parts) {
      const kind = kinds.find((name) => name === part.member);
      if (kind === undefined) continue;
      if (part.type === 'array') kindsPresent.push(kind);
      if (part.type === 'element') batch.push(part.fault ? faulty(kind, part) : itemFromFormatted(kind, part.value));
    }
    yield batch;
  }
  return { complete: true, kindsPresent };
}

type Ids = Pick<Reject, 'externalId' | 'pathId'>;
const none: Ids = { externalId: null, pathId: null };

const faults: Readonly<Record<ElementFault, string>> = {
  too_deep: 'The item is nested too deeply.',
  too_large: 'The item is too large.',
  not_utf8: 'The item holds bytes that are not UTF-8.',
};

function faulty(kind: Kind, { value, fault = 'too_deep' }: Extract<JsonPart, { type: 'element' }>): Formatted {
  const ids = fault === 'too_deep' ? idsOf(kind, value) : none;
  return rejectOf(kind, ids, { reason: fault, message: faults[fault], raw: value });
}

/** The key of an item that is too deep: its ids are at its top. A number that is no safe integer may have lost digits. */
function idsOf(kind: Kind, value: Json): Ids {
  if (!isObject(value)) return none;
  const isReadable = (field: Json) =>
    field === null || (typeof field === 'number' ? Number.isSafeInteger(field) : typeof field !== 'object');
  // What is not readable stays present as something that is no id.
  const top = Object.entries(value).map(([name, field]): [string, Json] => [name, isReadable(field) ? field : []]);
  const found = itemFromFormatted(kind, Object.fromEntries(top));
  return found.type === 'item' ? found.item : found.type === 'reject' ? found.reject : none;
}
