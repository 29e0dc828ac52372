// Commands for the pretend Qu POS over HTTP: edit the catalog, or misbehave.

import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { type FakeAnswer, isFakeAnswer } from './fake-answers.ts';
import { addProducts, changePrices, dropProducts, type FakeCatalog } from './fake-catalog.ts';

const command = z.strictObject({
  /** How many products get a price that is 10 cents higher. */
  change: z.int().min(0).default(0),
  /** How many products are added. */
  add: z.int().min(0).default(0),
  /** How many products are dropped; never those just added. */
  drop: z.int().min(0).default(0),
  /** How to answer from now on, e.g. "empty"; "catalog" is the normal answer. */
  answer: z.string().refine(isFakeAnswer, 'is not the name of an answer').optional(),
  /** For how many requests; default for good. */
  times: z.int().min(1).optional(),
});

/** What a command did: keys of the products changed, added and dropped. */
export interface CommandResult {
  changed: string[];
  added: string[];
  dropped: string[];
}

interface Controlled {
  catalog: FakeCatalog;
  answer(answer: FakeAnswer, times?: number): void;
}

/** Runs one command, e.g. {"change": 12, "add": 3, "drop": 5} or {"answer": "empty"}. Throws on an unknown one. */
export async function runCommand(body: Readable, { catalog, answer }: Controlled): Promise<CommandResult> {
  const wanted = command.parse(JSON.parse(await text(body)));
  const changed = changePrices(catalog, wanted.change);
  const added = addProducts(catalog, wanted.add);
  const dropped = dropProducts(catalog, wanted.drop, [...added, ...changed]);
  if (wanted.answer !== undefined) answer(wanted.answer as FakeAnswer, wanted.times);
  return { changed, added, dropped };
}
