// Reads the stream of what goes on, one event after the other.
import type { Run } from '../../src/records/runs/run.ts';

export interface SentEvent {
  name: string;
  /** `active` of an event `now`, `changed` of an event `change`. */
  data: { active: Run[]; changed: Run[]; holds: string; latest: string };
}

export interface EventReader {
  /** The next event of this name; those of other names are passed over. null = the stream ended before. */
  next(name: string): Promise<SentEvent | null>;
  /** All events until the end of the stream. */
  rest(): Promise<SentEvent[]>;
  cancel(): Promise<void>;
}

/** A reader over the body of a response. */
export function readEvents(response: Response): EventReader {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = '';
  async function one(): Promise<SentEvent | null> {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end !== -1) {
        const block = text.slice(0, end);
        text = text.slice(end + 2);
        const found = /^event: (.+)\ndata: (.+)$/m.exec(block);
        if (found !== null) return { name: String(found[1]), data: JSON.parse(String(found[2])) };
        continue;
      }
      const { done, value } = await reader.read();
      if (done) return null;
      text += decoder.decode(value, { stream: true });
    }
  }
  return {
    async next(name) {
      for (;;) {
        const event = await one();
        if (event === null || event.name === name) return event;
      }
    },
    async rest() {
      const events: SentEvent[] = [];
      for (let event = await one(); event !== null; event = await one()) events.push(event);
      return events;
    },
    cancel: () => reader.cancel(),
  };
}
