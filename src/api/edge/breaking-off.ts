// Answers that are made while they are sent: where their source fails, the connection breaks off, without a word.
import type { Context } from 'hono';
import type { Logger } from '../../log.ts';

const madeWhileSent = /^(text\/csv|text\/event-stream|application\/x-ndjson)\b/;

/**
 * Sees to it that an answer in parts never ends like a whole one when its source fails, and that the error is told to the
 * log alone: the server's library would write its message into the body. What fails before its first part is thrown.
 */
export async function breakOffOnFailure(context: Context, log: Logger): Promise<void> {
  const { body, status, headers } = context.res;
  if (body === null || !madeWhileSent.test(headers.get('content-type') ?? '')) return;
  const { outgoing } = (context.env ?? {}) as { outgoing?: { destroy(): void } };
  const reader = body.getReader();
  const first = await reader.read();
  context.res = new Response(guarded(reader, { first, log, outgoing }), { status, headers });
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

interface Guard {
  first: Awaited<ReturnType<Reader['read']>>;
  log: Logger;
  outgoing: { destroy(): void } | undefined;
}

function guarded(reader: Reader, { first, log, outgoing }: Guard): ReadableStream<Uint8Array> {
  let next: Guard['first'] | null = first;
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = next ?? (await reader.read());
        next = null;
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        log.error({ err: error }, 'an answer broke off');
        if (outgoing === undefined) return controller.error(error);
        outgoing.destroy();
        controller.close();
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
