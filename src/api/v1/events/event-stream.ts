// A stream of server-sent events: its heartbeat, the end of what its caller may see, and the end of those who do not read.
import { securityHeaders } from '../../security-headers.ts';

/** Of every stream. x-accel-buffering: nginx would keep events back until its buffer is full. */
export const eventHeaders = {
  ...securityHeaders,
  'content-type': 'text/event-stream',
  'x-accel-buffering': 'no',
};

/** Chunks that may wait for a reader; who is further behind has gone, or will never catch up. */
const mostWaiting = 64;

export interface EventStreamOptions {
  /** Ends the stream, e.g. when the process stops. */
  signal: AbortSignal;
  /** Milliseconds from one heartbeat to the next. */
  heartbeatMs: number;
  /** What a heartbeat says. */
  heartbeat: string;
  /** Asked with every heartbeat: whether the caller may still look on. */
  isAllowed: () => Promise<boolean>;
  /** Called once, however the stream ends. */
  onEnd: () => void;
  /** Begins to write; what it gives is called at the end. */
  begin: (stream: { write: (event: string | Uint8Array) => void; close: () => void }) => () => void;
}

/** The stream; it ends when `begin` closes it, with the signal, with the caller's permission, or when nobody reads. */
export function eventStream(options: EventStreamOptions): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let end: () => void = options.onEnd;
  return new ReadableStream({
    start(controller) {
      let isOpen = true;
      let stop: () => void = () => undefined;
      const write = (event: string | Uint8Array) => {
        if (!isOpen) return;
        controller.enqueue(typeof event === 'string' ? encoder.encode(event) : event);
        if ((controller.desiredSize ?? 0) < -mostWaiting) close();
      };
      const beat = async () => {
        const isAllowed = await options.isAllowed();
        if (isAllowed) write(options.heartbeat);
        else close();
      };
      const heartbeat = setInterval(() => void beat(), options.heartbeatMs);
      end = () => {
        if (!isOpen) return;
        isOpen = false;
        clearInterval(heartbeat);
        stop();
        options.signal.removeEventListener('abort', close);
        options.onEnd();
      };
      const close = () => {
        if (!isOpen) return;
        end();
        controller.close();
      };
      write('retry: 2000\n\n');
      options.signal.addEventListener('abort', close, { once: true });
      stop = options.begin({ write, close });
      // It ended while it began: what was opened since is let go.
      if (!isOpen) stop();
      else if (options.signal.aborted) close();
    },
    cancel: () => end(),
  });
}
