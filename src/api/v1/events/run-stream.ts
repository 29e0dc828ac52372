// One run as server-sent events: its state whenever it changed, a comment while nothing does, and the end with its end.
import { isEnded, type RunState, type RunWatch } from './watch-runs.ts';

export interface RunStreamOptions {
  watch: RunWatch;
  first: RunState;
  /** The version of the state that the caller has already; it is not sent again. */
  lastEventId: string | undefined;
  /** Ends the stream, e.g. when the process stops. */
  signal: AbortSignal;
  /** Milliseconds from one heartbeat to the next. */
  heartbeatMs: number;
  /** Asked with every heartbeat: whether the caller may still look on. */
  isAllowed: () => Promise<boolean>;
  /** Called once, however the stream ends. */
  onEnd: () => void;
}

/** The stream of events of one run; it ends after the event of the run's end. */
export function runStream(options: RunStreamOptions): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let end: () => void = options.onEnd;
  return new ReadableStream({
    start(controller) {
      let known = options.lastEventId;
      const write = (text: string) => controller.enqueue(encoder.encode(text));
      const heartbeat = setInterval(() => void beat(), options.heartbeatMs);
      let unwatch: () => void = () => undefined;
      let isOpen = true;
      end = () => {
        if (!isOpen) return;
        isOpen = false;
        clearInterval(heartbeat);
        unwatch();
        options.signal.removeEventListener('abort', close);
        options.onEnd();
      };
      const close = () => {
        end();
        controller.close();
      };
      const beat = async () => {
        const isAllowed = await options.isAllowed();
        if (!isOpen) return;
        if (isAllowed) write(': still here\n\n');
        else close();
      };
      const send = (state: RunState) => {
        if (!isOpen) return;
        if (state.version !== known) write(eventText(state));
        known = state.version;
        if (isEnded(state.run)) close();
      };
      write('retry: 2000\n\n');
      options.signal.addEventListener('abort', close, { once: true });
      send(options.first);
      if (isOpen) unwatch = options.watch.watch(options.first.run.id, send);
      if (isOpen && options.signal.aborted) close();
    },
    cancel: () => end(),
  });
}

function eventText({ run, version }: RunState): string {
  return `id: ${version}\nevent: run\ndata: ${JSON.stringify(run)}\n\n`;
}
