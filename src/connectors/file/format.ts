// Formatting a file: from bytes, or from a JSON document already parsed, to items one by one; pure.
import type { Formatted } from '../../catalog/item.ts';
import type { Json } from '../../json.ts';
import type { DocumentProof, FormatContext } from '../connector.ts';
import { documentRows } from './read/json-rows.ts';
import { openFile } from './read/read-file.ts';
import { RowMapper } from './row-mapper.ts';
import { readFormatSettings } from './settings.ts';

/** Formats the bytes of one file; see Connector.format. Memory: one record and one piece. */
export async function* format(
  body: AsyncIterable<Uint8Array>,
  context: FormatContext,
): AsyncGenerator<Formatted[], DocumentProof, void> {
  const mapper = new RowMapper(context);
  const { parts } = await openFile(body, { ...readFormatSettings(context.params), redact: context.redact });
  try {
    for (;;) {
      const next = await parts.next();
      if (next.done) return mapper.prove(next.value);
      const batch = next.value.map((part) => mapper.read(part)).filter((formatted) => formatted !== null);
      if (batch.length > 0) yield batch;
    }
  } finally {
    await parts.return({ complete: false });
  }
}

/** Formats a document already parsed; yields the same as `format` of its text. */
export function* formatDocument(document: Json, context: FormatContext): Generator<Formatted, DocumentProof, void> {
  const mapper = new RowMapper(context);
  const parts = documentRows(document);
  for (;;) {
    const next = parts.next();
    if (next.done) return mapper.prove(next.value);
    const formatted = mapper.read(next.value);
    if (formatted !== null) yield formatted;
  }
}
