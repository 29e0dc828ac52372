// One run of --large, in a process of its own so that its memory is its own; prints one line of JSON.
import { createReadStream } from 'node:fs';
import { kinds } from '../../src/catalog/item.ts';
import { copyIn } from '../../src/db/copy.ts';
import { openDatabase } from '../../src/db/database.ts';
import type { Counts } from '../contender.ts';
import { copyStatement } from '../contenders/item-rows.ts';
import { type LastSynced, tillsync } from '../contenders/tillsync.ts';
import { wrongCounts } from '../measure/prove-counts.ts';
import type { LargeFiles } from './document.ts';
import { streamDocument } from './stream-document.ts';

/** What the parent asks for, as JSON in the only argument. */
export interface LargeRequest {
  url: string;
  files: LargeFiles;
  run: 'copy' | 'save';
  mode: LastSynced;
  /** The document to save. */
  document: string;
  /** The source to save into; empty = a new one. */
  sourceId: string;
  /** What the save must count. */
  counts: Counts;
}

export interface LargeAnswer {
  ms: number;
  peakRssMb: number;
  sourceId: string;
  /** What the save counted wrongly. */
  wrong: string | null;
}

async function main(request: LargeRequest): Promise<void> {
  const done = request.run === 'copy' ? await copy(request) : await save(request);
  // maxRSS is in KiB.
  const answer: LargeAnswer = { ...done, peakRssMb: process.resourceUsage().maxRSS / 1024 };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

async function copy({ url, files }: LargeRequest): Promise<Omit<LargeAnswer, 'peakRssMb'>> {
  const database = await openDatabase({ url, max: 1 });
  const start = performance.now();
  await database.transaction(async (connection) => {
    for (const kind of kinds) {
      await copyIn(connection, copyStatement(kind), createReadStream(files.lines[kind], { highWaterMark: 65_536 }));
    }
  });
  const ms = performance.now() - start;
  await database.close();
  return { ms, sourceId: files.sourceId, wrong: null };
}

async function save({ url, mode, document, sourceId, counts }: LargeRequest): Promise<Omit<LargeAnswer, 'peakRssMb'>> {
  const session = await tillsync(mode).open(url);
  const source = sourceId === '' ? await session.begin() : sourceId;
  const start = performance.now();
  await session.saveStream(source, () => streamDocument(document));
  const ms = performance.now() - start;
  const wrong = await wrongCounts(session, counts, `${document}, ${mode}`);
  await session.close();
  return { ms, sourceId: source, wrong };
}

await main(JSON.parse(process.argv[2] ?? '{}') as LargeRequest);
