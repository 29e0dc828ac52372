// One run as server-sent events: its state whenever it changed, a comment while nothing does, and the end with its end.
import { type EventStreamOptions, eventStream } from './event-stream.ts';
import { isEnded, type RunState, type RunWatch } from './watch-runs.ts';

export interface RunStreamOptions extends Omit<EventStreamOptions, 'heartbeat' | 'begin'> {
  watch: RunWatch;
  first: RunState;
  /** The version of the state that the caller has already; it is not sent again. */
  lastEventId: string | undefined;
}

/** The stream of events of one run; it ends after the event of the run's end. */
export function runStream({ watch, first, lastEventId, ...options }: RunStreamOptions): ReadableStream<Uint8Array> {
  return eventStream({
    ...options,
    heartbeat: ': still here\n\n',
    begin({ write, close }) {
      let known = lastEventId;
      const send = (state: RunState) => {
        if (state.version !== known) write(eventText(state));
        known = state.version;
        if (isEnded(state.run)) close();
      };
      send(first);
      return isEnded(first.run) ? () => undefined : watch.watch(first.run.id, send);
    },
  });
}

function eventText({ run, version }: RunState): string {
  return `id: ${version}\nevent: run\ndata: ${JSON.stringify(run)}\n\n`;
}
