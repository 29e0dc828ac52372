// Reads a document from disk as a save does: bytes in pieces, parsed, checked and formatted one item after another.
import { createReadStream } from 'node:fs';
import { itemFromFormatted } from '../../src/catalog/formatted-item.ts';
import { type Formatted, type Kind, kinds } from '../../src/catalog/item.ts';
import { readJsonStream } from '../../src/catalog/read-json-stream.ts';
import type { DocumentProof } from '../../src/connectors/connector.ts';

/** The formatted items of a file, in batches as its bytes come. */
export async function* streamDocument(file: string): AsyncGenerator<Formatted[], DocumentProof, void> {
  const body = createReadStream(file, { highWaterMark: 1 << 18 });
  for await (const parts of readJsonStream(body, { arrays: kinds, excerpt: (text) => text.slice(0, 200) })) {
    const batch: Formatted[] = [];
    for (const part of parts) {
      if (part.type === 'element') batch.push(itemFromFormatted(part.member as Kind, part.value));
    }
    if (batch.length > 0) yield batch;
  }
  return { complete: true, kindsPresent: kinds };
}
