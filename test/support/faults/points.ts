// Places in the life of a run at which a worker can be made to die: each statement by its words, phases, and the fetch.
import type { Connector } from '../../../src/connectors/connector.ts';
import { allConnectors } from '../../../src/connectors/load-connectors.ts';
import type { Deps } from '../../../src/sync/deps.ts';
import type { RunProgress } from '../../../src/sync/run/keep-lease.ts';

/** A place by its name and how often the run has come there, e.g. 'copy integration_products (' for the first time: 1. */
export interface Point {
  name: string;
  nth: number;
}

// What comes by the clock, not by what a run does: the heartbeat, the look for a cancel, and the log, whose loss ends no run.
const byTheClock =
  /^update integration_sync_history\s+set lease_expires_at|^select cancel_requested_by|^insert into integration_sync_log/;

/** The name of a statement as a place; null for what comes by the clock. */
export function placeOf(statement: string): string | null {
  return byTheClock.test(statement) ? null : statement.replace(/\s+/g, ' ').trim().slice(0, 64);
}

export const nameOf = ({ name, nth }: Point) => `${name} #${nth}`;

/** Counts arrivals and calls `onArrival` at each; what that throws is what the run meets there. */
export function watchPoints(onArrival: (point: Point) => void | Promise<void>) {
  const met = new Map<string, number>();
  const arrive = (name: string) => {
    const nth = (met.get(name) ?? 0) + 1;
    met.set(name, nth);
    return onArrival({ name, nth });
  };
  return {
    arrive,
    async onStatement(statement: string) {
      const name = placeOf(statement);
      if (name !== null) await arrive(name);
    },
    onProgress({ phase }: RunProgress) {
      if (met.get(`phase ${phase}`) === undefined) void arrive(`phase ${phase}`);
    },
    /** Deps whose Qu, the only POS of these tests, arrives before it is asked, in the middle of an answer, and behind it. */
    fetching: (deps: Deps): Deps => ({
      ...deps,
      connectors: {
        async get(id) {
          const connector = await deps.connectors.get(id);
          return connector && watched(connector, arrive);
        },
        all: () => allConnectors(deps.connectors),
      },
    }),
  };
}

function watched(connector: Connector, arrive: (name: string) => void | Promise<void>): Connector {
  async function* inBody(body: AsyncIterable<Uint8Array>) {
    for await (const bytes of body) {
      yield bytes;
      await arrive('fetch: inside the body');
    }
    await arrive('fetch: the body has come');
  }
  return {
    ...connector,
    async *fetch(context) {
      await arrive('fetch: before the POS is asked');
      const pages = connector.fetch(context);
      for (;;) {
        const page = await pages.next();
        if (page.done) {
          await arrive('fetch: all pages have come');
          return page.value;
        }
        await arrive('fetch: the answer has begun');
        yield { ...page.value, body: inBody(page.value.body) };
      }
    },
  };
}
