// What the readers of all forms of files yield: column names, rows with their place in the file, and how it ended.
import type { Kind } from '../../../catalog/item.ts';
import type { Json } from '../../../json.ts';

export interface FileRow {
  type: 'row';
  /** For people, e.g. 'line 17' or 'products, element 3'. */
  place: string;
  /** The kind that the place in the document says; null = it says none. */
  kind: Kind | null;
  /** The row as the file has it: values by column; of a faulty row whatever could be read. */
  values: Json;
  fault?: { reason: string; message: string };
}

export type FilePart =
  | FileRow
  /** The header, before the first row; files without one (JSON) never have it. */
  | { type: 'columns'; names: readonly string[] }
  /** The document speaks of this kind, also where no row of it follows. */
  | { type: 'kind'; kind: Kind };

/** Whether the file ended where a whole one does. */
export interface FileEnd {
  complete: boolean;
  reason?: string;
}

/** Parts in batches and in the file's order. */
export type FileParts = AsyncGenerator<FilePart[], FileEnd, void>;
