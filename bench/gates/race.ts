// Two syncs of one source at once, in opposite order: nobody may meet a deadlock, and no mix of the two may remain.
import { changeAll, makeCatalog } from '../catalog.ts';
import type { Contender } from '../contender.ts';
import { expectedContent, readContent } from '../measure/check-content.ts';
import type { Cluster } from '../server/open-cluster.ts';
import type { Finding } from './gate.ts';
import { saveOnce, withSessions } from './open-seats.ts';

/** `rounds` times a new source, saved by two sessions at once; then both once more over what is there. */
export async function raceGate(cluster: Cluster, contender: Contender, rounds: number): Promise<Finding[]> {
  const forth = makeCatalog(1120);
  const back = changeAll(forth).reverse();
  const reference = await cluster.makeDatabase('gate_reference', { trigger: false });
  const allowed = [await expectedContent(reference, forth), await expectedContent(reference, back)];
  await cluster.dropDatabase(reference);
  const errors = new Map<string, number>();
  let mixed = 0;
  await withSessions(cluster, { contender, sessions: 2 }, async (database, [one, other]) => {
    if (one === undefined || other === undefined) throw new Error('two sessions are needed');
    for (let round = 0; round < rounds; round++) {
      const sourceId = await one.begin();
      for (const [first, second] of [
        [forth, back],
        [back, forth],
      ] as const) {
        const ends = await Promise.allSettled([
          saveOnce(one, { sourceId, items: first }),
          saveOnce(other, { sourceId, items: second }),
        ]);
        for (const end of ends) {
          if (end.status === 'rejected') errors.set(codeOf(end.reason), (errors.get(codeOf(end.reason)) ?? 0) + 1);
        }
        const content = await readContent(contender, database, sourceId);
        if (!allowed.some(({ rows, checksum }) => content?.rows === rows && content.checksum === checksum)) mixed += 1;
      }
    }
  });
  const failed = [...errors.values()].reduce((sum, count) => sum + count, 0);
  const codes = [...errors].map(([code, count]) => `${code} ${count} times`).join(', ');
  const of = `in ${rounds * 2} pairs of syncs`;
  return [
    { gate: 'race errors', contender: contender.id, value: failed, said: `errors ${of}${codes ? ` (${codes})` : ''}` },
    { gate: 'race mixes', contender: contender.id, value: mixed, said: `ends ${of} that are neither catalog` },
  ];
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
