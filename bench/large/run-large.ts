// --large: a document of a million items from disk into the database, against COPY of a prepared file; peak memory of each.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kinds } from '../../src/catalog/item.ts';
import type { Counts } from '../contender.ts';
import { lastSyncedModes } from '../contenders/tillsync.ts';
import { walPosition } from '../measure/meter.ts';
import { median } from '../measure/statistics.ts';
import type { BenchDatabase, Cluster } from '../server/open-cluster.ts';
import { type LargeFiles, writeLargeFiles } from './document.ts';
import type { LargeAnswer, LargeRequest } from './large-run.ts';

export interface LargeResult {
  run: string;
  seconds: number;
  krows: number;
  walMb: number;
  peakRssMb: number;
}

const itemTables = kinds.map((kind) => `integration_${kind}`).join(', ');

/** Runs everything `rounds` times; medians, and the highest memory. */
export async function runLarge(
  cluster: Cluster,
  of: { items: number; rounds: number; log: (line: string) => void },
): Promise<LargeResult[]> {
  const folder = await mkdtemp(join(tmpdir(), `tillsync-bench-${process.pid}-large-`));
  try {
    const files = filesIn(folder);
    await writeLargeFiles(files, of.items);
    of.log(`${of.items} items written to disk`);
    const answers = new Map<string, (LargeAnswer & { walMb: number })[]>();
    const { items, log } = of;
    for (let round = 1; round <= of.rounds; round++) await oneRound(cluster, { files, items, answers, log });
    return [...answers].map(([run, all]) => {
      const ms = median(all.map((answer) => answer.ms));
      return {
        run,
        seconds: ms / 1000,
        krows: of.items / ms,
        walMb: median(all.map(({ walMb }) => walMb)),
        peakRssMb: Math.max(...all.map(({ peakRssMb }) => peakRssMb)),
      };
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Round {
  files: LargeFiles;
  items: number;
  answers: Map<string, (LargeAnswer & { walMb: number })[]>;
  log: (line: string) => void;
}

async function oneRound(cluster: Cluster, { files, items, answers, log }: Round): Promise<void> {
  const take = async (run: string, database: BenchDatabase, request: Omit<LargeRequest, 'url' | 'files'>) => {
    await database.admin.query('checkpoint');
    const from = await walPosition(database.admin);
    const answer = await inChild({ ...request, url: database.url, files });
    if (answer.wrong !== null) throw new Error(answer.wrong);
    const walMb = Number((await walPosition(database.admin)) - from) / 1024 ** 2;
    answers.set(run, [...(answers.get(run) ?? []), { ...answer, walMb }]);
    log(`${run}: ${(answer.ms / 1000).toFixed(1)} s, ${Math.round(answer.peakRssMb)} MB`);
    return answer;
  };
  const none: Counts = { created: 0, updated: 0, unchanged: 0, removed: 0 };
  const one = Math.ceil(items / 100);
  const plain = await cluster.makeDatabase('large_copy', { trigger: false });
  await take('COPY of a prepared file', plain, { run: 'copy', mode: 'row', document: '', sourceId: '', counts: none });
  await cluster.dropDatabase(plain);
  for (const mode of lastSyncedModes) {
    const database = await cluster.makeDatabase(`large_${mode}`, { trigger: true });
    const save = { run: 'save', mode } as const;
    const { document, changed } = files;
    const created = { ...none, created: items };
    const first = { ...save, document, sourceId: '', counts: created };
    const { sourceId } = await take(`tillsync (${mode}), first`, database, first);
    await database.admin.query(`vacuum (analyze) ${itemTables}`);
    const same = { ...save, document, sourceId, counts: { ...none, unchanged: items } };
    await take(`tillsync (${mode}), unchanged`, database, same);
    const edit = { ...save, document: changed, sourceId, counts: { ...none, updated: one, unchanged: items - one } };
    await take(`tillsync (${mode}), 1% changed`, database, edit);
    await cluster.dropDatabase(database);
  }
}

function filesIn(folder: string): LargeFiles {
  return {
    document: join(folder, 'catalog.json'),
    changed: join(folder, 'changed.json'),
    lines: {
      products: join(folder, 'products.copy'),
      modifiers: join(folder, 'modifiers.copy'),
      discounts: join(folder, 'discounts.copy'),
    },
    sourceId: randomUUID(),
  };
}

function inChild(request: LargeRequest): Promise<LargeAnswer> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'large-run.ts'), JSON.stringify(request)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (piece: Buffer) => {
      text += piece.toString();
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(text) as LargeAnswer);
      else reject(new Error(`a run of --large ended with ${code}`));
    });
  });
}
