// One file as parts, whatever its form is: looked at, decoded, read by the reader of its form.
import { csvRows } from './csv-rows.ts';
import type { FileParts } from './file-part.ts';
import { jsonRows, ndjsonRows } from './json-rows.ts';
import { type FileEncoding, type FileForm, formOf, openText } from './open-text.ts';
import { xlsxRows } from './xlsx-rows.ts';

export interface ReadRules {
  format?: FileForm | undefined;
  delimiter?: ',' | ';' | '\t' | '|' | undefined;
  encoding: FileEncoding;
  sheet?: string | undefined;
  redact?: ((text: string) => string) | undefined;
}

/** Opens a file. Throws TillsyncError (step 'format'): file_malformed, and body_… for broken JSON. */
export async function openFile(
  body: AsyncIterable<Uint8Array>,
  rules: ReadRules,
): Promise<{ form: FileForm; parts: FileParts }> {
  const opened = await openText(body, rules.encoding);
  const form = rules.format ?? formOf(opened.beginning);
  switch (form) {
    case 'csv':
      return { form, parts: csvRows(opened, rules.delimiter ?? null) };
    case 'json':
      return { form, parts: jsonRows(opened, rules.redact) };
    case 'ndjson':
      return { form, parts: ndjsonRows(opened) };
    case 'xlsx':
      return { form, parts: xlsxRows(opened.whole, rules.sheet ?? null) };
  }
}
