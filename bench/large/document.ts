// The large document on disk: one JSON object as save-integration-data takes it, and the same items as lines of COPY.
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { itemToFormatted } from '../../src/catalog/formatted-item.ts';
import { type Kind, kinds } from '../../src/catalog/item.ts';
import { catalogItems, changedOne } from '../catalog.ts';
import { itemLine } from '../contenders/item-rows.ts';

export interface LargeFiles {
  /** `{"products": […], "modifiers": […], "discounts": […]}`, an item per line. */
  document: string;
  /** The same with 1 % of the items changed. */
  changed: string;
  /** COPY text per kind. */
  lines: Record<Kind, string>;
  /** The source that the lines belong to. */
  sourceId: string;
}

const pieceLength = 1 << 18;

/** Writes all of them for `n` items; nothing of it is ever whole in memory. */
export async function writeLargeFiles(files: LargeFiles, n: number): Promise<void> {
  await write(files.document, documentText(n, false));
  await write(files.changed, documentText(n, true));
  const time = new Date().toISOString();
  for (const kind of kinds) await write(files.lines[kind], linesOf(kind, { n, sourceId: files.sourceId, time }));
}

async function write(file: string, pieces: Iterable<string>): Promise<void> {
  await pipeline(Readable.from(pieces), createWriteStream(file));
}

function* documentText(n: number, changed: boolean): Generator<string, void, void> {
  let piece = '{';
  let kind: Kind | null = null;
  let index = 0;
  for (const item of catalogItems(n)) {
    if (item.kind !== kind) {
      piece += `${kind === null ? '' : '\n],'}"${item.kind}":[\n`;
      kind = item.kind;
    } else {
      piece += ',\n';
    }
    piece += JSON.stringify(itemToFormatted(changed && index % 100 === 0 ? changedOne(item) : item));
    index += 1;
    if (piece.length > pieceLength) {
      yield piece;
      piece = '';
    }
  }
  yield `${piece}\n]}\n`;
}

function* linesOf(kind: Kind, of: { n: number; sourceId: string; time: string }): Generator<string, void, void> {
  let piece = '';
  for (const item of catalogItems(of.n)) {
    if (item.kind !== kind) continue;
    piece += itemLine(item, of.sourceId, of.time);
    if (piece.length > pieceLength) {
      yield piece;
      piece = '';
    }
  }
  if (piece !== '') yield piece;
}
