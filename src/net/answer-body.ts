// The body of one answer: decompressed, counted, deadlined, and read at most once.
import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { TillsyncError } from '../errors.ts';
import { fetchError, type RequestFacts, tooLarge } from './fetch-error.ts';

export interface AnswerBody {
  body: AsyncIterable<Uint8Array>;
  text(limitBytes: number): Promise<string>;
  discard(): void;
}

interface BodySource {
  body: Readable;
  encoding: string | null;
  facts: RequestFacts;
  /** Called once, when the body has ended in whatever way. */
  end: () => void;
}

const inflaters: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** Wraps the raw body of an answer. Iterating throws TillsyncError as HttpAnswer.body says. */
export function readBody(source: BodySource): AnswerBody {
  const body = { [Symbol.asyncIterator]: () => pieces(source, source.facts.options.maxBytes) };
  return {
    body,
    async text(limitBytes) {
      const parts: Uint8Array[] = [];
      for await (const part of { [Symbol.asyncIterator]: () => pieces(source, limitBytes) }) parts.push(part);
      return Buffer.concat(parts).toString('utf8');
    },
    discard() {
      giveUp(source.body);
      source.end();
    },
  };
}

async function* pieces(source: BodySource, limit: number): AsyncGenerator<Uint8Array, void, void> {
  const { body, facts, end } = source;
  let received = 0;
  try {
    for await (const chunk of inflated(source, limit) as AsyncIterable<Uint8Array>) {
      received += chunk.length;
      if (received > limit) throw tooLarge(facts.origin, limit);
      yield chunk;
    }
  } catch (error) {
    throw fetchError(error, facts, 'body');
  } finally {
    end();
    if (!body.destroyed) giveUp(body);
  }
}

function giveUp(body: Readable): void {
  // Destroying a body before its end raises an abort, which is what was asked for here and nobody else waits for.
  body.on('error', () => body.destroy());
  body.destroy();
}

function inflated({ body, encoding, facts }: BodySource, limit: number): AsyncIterable<unknown> {
  const name = (encoding ?? '').trim().toLowerCase();
  if (name === '' || name === 'identity') return body;
  const inflater = Object.hasOwn(inflaters, name) ? inflaters[name] : undefined;
  if (inflater === undefined) {
    throw new TillsyncError(`The POS at ${facts.origin} sent its answer in an encoding that was not asked for.`, {
      code: 'upstream_truncated',
      step: 'fetch',
      hint: 'Ask the POS to answer with gzip, br or no compression.',
      facts: { encoding: name.slice(0, 60) },
    });
  }
  const out = inflater();
  // Errors of every part reach whoever reads `out`; the callback is only there because pipeline wants one.
  pipeline(
    body,
    (chunks: AsyncIterable<Uint8Array>) => capped(chunks, facts.origin, limit),
    out,
    (error) => {
      if (error) out.destroy(error);
    },
  );
  return out;
}

// Compressed bytes are counted too: empty blocks can go on for ever without inflating to anything.
async function* capped(chunks: AsyncIterable<Uint8Array>, origin: string, limit: number): AsyncGenerator<Uint8Array> {
  let received = 0;
  for await (const chunk of chunks) {
    received += chunk.length;
    if (received > limit) throw tooLarge(origin, limit);
    yield chunk;
  }
}
