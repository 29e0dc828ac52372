// A connector that answers with given pages instead of asking a POS; all else is the Qu connector.

import type { Connector, FetchEnd } from '../../src/connectors/connector.ts';
import { connector } from '../../src/connectors/qu/index.ts';
import type { Deps } from '../../src/sync/deps.ts';

/** Deps with this one connector at hand. */
export type PagedDeps = Deps & { connectors: ReadonlyMap<string, Connector> };

/** Deps whose Qu connector yields these bodies, one page each, and then ends as told (default: complete). */
export function withPages(deps: Deps, pages: readonly unknown[], end: FetchEnd = { complete: true }): PagedDeps {
  const paged: Connector = {
    ...connector,
    async *fetch() {
      for (const page of pages) {
        yield { body: bytesOf(JSON.stringify(page)), meta: {} };
      }
      return end;
    },
  };
  return { ...deps, connectors: new Map([[connector.id, paged]]) };
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array, void, void> {
  yield Buffer.from(text);
}
