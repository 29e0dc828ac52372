// Everyone that takes part in the matrix, in the order of the report.
import type { Contender } from '../contender.ts';
import { copyLimit } from './copy-limit.ts';
import { drizzle } from './drizzle.ts';
import { kysely } from './kysely.ts';
import { clientFloor, readLimit, touchLimit, touchReadLimit } from './later-limits.ts';
import { nangoShaped } from './nango-shaped.ts';
import { postgrest } from './postgrest.ts';
import { rowByRow } from './row-by-row.ts';
import { lastSyncedModes, tillsync } from './tillsync.ts';

export const allContenders: readonly Contender[] = [
  copyLimit,
  touchLimit,
  readLimit,
  touchReadLimit,
  clientFloor,
  postgrest,
  kysely,
  drizzle,
  rowByRow,
  nangoShaped,
  ...lastSyncedModes.map(tillsync),
];
