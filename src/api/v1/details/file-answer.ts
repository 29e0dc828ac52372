// A file as an answer: streamed, to be saved and never shown as a page.
import { z } from '@hono/zod-openapi';
import { securityHeaders } from '../../security-headers.ts';

export const exportFormat = z.enum(['csv', 'ndjson']).default('csv');

/** The answer of an export in the API's document. */
export const exportAnswer = {
  description: 'In CSV a cell that a spreadsheet would take for a formula begins with an apostrophe.',
  content: { 'text/csv': { schema: z.string() }, 'application/x-ndjson': { schema: z.string() } },
};

const types = { csv: 'text/csv; charset=utf-8', ndjson: 'application/x-ndjson; charset=utf-8' } as const;

/** An export by its name without date and ending, e.g. 'tillsync-runs'. */
export function exportFile(file: AsyncIterable<string>, of: { name: string; format: 'csv' | 'ndjson' }): Response {
  const day = new Date().toISOString().slice(0, 10);
  return fileAnswer(encoded(file), { name: `${of.name}-${day}.${of.format}`, type: types[of.format] });
}

/** Bytes under a name; `type` is what the browser is told. */
export function fileAnswer(file: AsyncIterable<Uint8Array>, of: { name: string; type: string }): Response {
  const headers = {
    ...securityHeaders,
    'content-type': of.type,
    'content-disposition': `attachment; filename="${of.name}"`,
  };
  return new Response(ReadableStream.from(file) as ReadableStream<Uint8Array>, { headers });
}

async function* encoded(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array, void, void> {
  const encoder = new TextEncoder();
  for await (const text of texts) yield encoder.encode(text);
}
