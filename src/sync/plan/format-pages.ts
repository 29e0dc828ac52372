// Turns the stored pages of a run into one stream of items, each page by the connector or as a body already formatted.
import { itemFromFormatted } from '../../catalog/formatted-item.ts';
import { type Formatted, type Kind, kinds } from '../../catalog/item.ts';
import { readJsonStream } from '../../catalog/read-json-stream.ts';
import type { Connector, DocumentProof } from '../../connectors/connector.ts';
import type { Queryable } from '../../db/database.ts';
import { type RunPage, readPayload } from '../../records/payloads/read-payload.ts';
import type { ItemStream } from './collect-items.ts';

export interface PagesToFormat {
  sourceId: string;
  pages: readonly RunPage[];
  connector: Connector;
  params: Readonly<Record<string, unknown>>;
}

/** A stream over all pages that can be opened again and again; `queryable` is not the save transaction's connection. */
export function formatPages(queryable: Queryable, of: PagesToFormat): ItemStream {
  return async function* formatAll() {
    const proofs: DocumentProof[] = [];
    for (const page of of.pages) {
      const body = readPayload(queryable, { sourceId: of.sourceId, payloadId: page.payloadId });
      proofs.push(
        page.form === 'formatted'
          ? yield* formatFormatted(body)
          : yield* of.connector.format(body, { params: of.params }),
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
async function* formatFormatted(body: AsyncIterable<Uint8Array>): AsyncGenerator<Formatted, DocumentProof, void> {
  const kindsPresent: Kind[] = [];
  const excerpt = (text: string) => text.slice(0, 200);
  for await (const parts of readJsonStream(body, { arrays: kinds, excerpt })) {
    for (const part of parts) {
      const kind = kinds.find((name) => name === part.member);
      if (kind === undefined) continue;
      if (part.type === 'array') kindsPresent.push(kind);
      if (part.type === 'element') yield itemFromFormatted(kind, part.value);
    }
  }
  return { complete: true, kindsPresent };
}
