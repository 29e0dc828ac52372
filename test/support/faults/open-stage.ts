// A stage for random histories: a pool whose statements pass a seam, and a POS, on a database that others use too.
import { startFakeQu } from '../../../src/connectors/qu/fake.ts';
import { openDatabase } from '../../../src/db/database.ts';
import type { Deps } from '../../../src/sync/deps.ts';
import type { Stage } from './random-history.ts';

/** Close it at the end. */
export async function openStage(deps: Deps, url: string): Promise<Stage & { close(): Promise<void> }> {
  let act: ((statement: string) => void) | null = null;
  const database = await openDatabase({ url, max: 4, onStatement: (statement) => act?.(statement) });
  const pos = await startFakeQu({ products: 1, modifiers: 1, discounts: 1 });
  return {
    deps: { ...deps, database, leaseSeconds: 60 },
    pos,
    onStatement(next) {
      act = next;
    },
    async close() {
      await pos.stop();
      await database.close();
    },
  };
}
