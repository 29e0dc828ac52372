// Everyone that takes part in the matrix, in the order of the report.
import type { Contender } from '../contender.ts';
import { copyLimit } from './copy-limit.ts';
import { postgrest } from './postgrest.ts';
import { lastSyncedModes, tillsync } from './tillsync.ts';

export const allContenders: readonly Contender[] = [copyLimit, postgrest, ...lastSyncedModes.map(tillsync)];
