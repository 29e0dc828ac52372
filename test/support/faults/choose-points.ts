// Which named points a test uses: those that a run over both catalogs comes to, and the places inside COPY.
import type { Deps } from '../../../src/sync/deps.ts';
import type { TwoCatalogs } from '../../faults/two-catalogs.ts';
import { workUntil } from './mortal-worker.ts';
import type { Point } from './points.ts';

/** Points inside the COPY of a table, behind its first bytes; a run copies into the item tables only. */
export const insideCopy: readonly Point[] = [{ name: 'inside copy integration_products', nth: 1 }];

/** So many points of a run, spread from its claim to its end. */
export async function spreadPoints(deps: Deps & { url: string }, source: TwoCatalogs, count: number): Promise<Point[]> {
  source.turn();
  const all = (await workUntil(deps, source, () => false)).met;
  // The doctor's whole visit is that of a process's first run only.
  const met = all.filter(({ name }) => !name.startsWith("select jsonb_build_object( 'server_version'"));
  return Array.from({ length: count }, (_, n) => met[Math.floor((n * met.length) / count)] as Point);
}
