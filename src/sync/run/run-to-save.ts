// What the save transaction of a run is given.

import type { Applicable } from '../../records/runs/holds.ts';
import type { Reads } from '../../records/runs/run.ts';
import type { ItemStream } from '../draft/collect-items.ts';
import type { GuardLimits } from '../plan/guard.ts';
import type { Lease } from './keep-lease.ts';
import type { SaveProgress } from './refusals.ts';

export interface RunToSave {
  lease: Lease;
  sourceId: string;
  configId: string;
  /** Hierarchy of the config, for the rows. */
  conceptId: number | null;
  companyId: number | null;
  siteId: number | null;
  stream: ItemStream;
  dryRun: boolean;
  removesByAbsence: boolean;
  /** Canonical text of the identity that the payload was read by; null = not known. */
  identityKey: string | null;
  /** Whether the payload is the whole catalog, and why not; null = it does not claim to be (a merge save). */
  complete: boolean | null;
  reason: string | null;
  /** What the fetch brought; null = the items came by another way. */
  reads: Reads | null;
  limits: GuardLimits;
  /** The held or planned run whose plan this one applies; then the guard has been answered by a person. */
  applies: Applicable | null;
  requestedBy: string;
  /** What is read and how, 64 hex digits; null = not known, so the items are compared. */
  payloadDigest: string | null;
  /** Compares the items one by one even where the payload is that of the last run. */
  compareAll: boolean;
}

/** The run, and how far its save has come. */
export function watched(run: RunToSave): { run: RunToSave; at: SaveProgress } {
  const at: SaveProgress = {};
  const note: RunToSave['lease']['note'] = (progress) => {
    Object.assign(at, progress);
    run.lease.note(progress);
  };
  return { run: { ...run, lease: { ...run.lease, note } }, at };
}
