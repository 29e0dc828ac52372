// Brings every secret under the active key, batch by batch, beside everything that goes on; begun again it goes on.
import type { KeyFile } from '../../db/embedded/open-key-file.ts';
import { TillsyncError } from '../../errors.ts';
import { appendAudit } from '../../records/audit/append-audit.ts';
import type { SecretDescription } from '../../records/configs/config.ts';
import { countSealed, readSealed, type SealedRow } from '../../records/vault/read-sealed.ts';
import { lockKeys, type Resealed, reseal } from '../../records/vault/reseal.ts';
import { placeNames, type SealedPlace } from '../../records/vault/sealed-places.ts';
import type { Deps } from '../deps.ts';
import { describeSecret } from './describe-secret.ts';

/** A secret that no key here opens; it stays as it is. */
export interface UnreadableSecret {
  place: SealedPlace;
  /** The id of the config, endpoint or user that it belongs to. */
  owner: string;
  field: string;
  reason: string;
}

export interface RotationReport {
  active_key: string;
  /** Whether this rotation made the key; else it came from the settings, or from a rotation that was broken off. */
  made_key: boolean;
  /** Secrets that are now under the active key and were not before. */
  moved: number;
  unreadable: UnreadableSecret[];
  /** Secrets that others changed or held all the time; begin it again. */
  left: number;
}

export interface RotationOptions {
  /** null = the keys stand in the settings, and are added there. */
  keyFile: Pick<KeyFile, 'addKey'> | null;
  requestedBy: string;
  /** Ends it after the batch under way. */
  signal?: AbortSignal | undefined;
  /** Rows of one transaction; default 200. */
  batch?: number;
  onBatch?: (report: RotationReport) => void;
}

type RotationDeps = Pick<Deps, 'database' | 'vault'>;

// A pass over everything finds what changed during the one before; beyond this somebody writes with an older key.
const mostPasses = 10;

/**
 * Rotates: makes a new key where a key file allows it and nothing is left of a rotation before, then encrypts everything
 * anew that another key wrote. A concurrent change of a secret always wins. Never throws for a secret that cannot be read.
 */
export async function rotateKeys(deps: RotationDeps, options: RotationOptions): Promise<RotationReport> {
  const madeKey = options.keyFile === null ? false : await addKeyOnce(deps, options);
  const { active } = await deps.vault.keyIds();
  const report: RotationReport = { active_key: active, made_key: madeKey, moved: 0, unreadable: [], left: 0 };
  for (let pass = 1; pass <= mostPasses && options.signal?.aborted !== true; pass++) {
    const before = report.moved;
    report.unreadable = [];
    report.left = 0;
    for (const place of placeNames) await passOver(deps, { place, report, options, waits: pass > 1 });
    if (report.left === 0 && report.moved === before) break;
  }
  await appendAudit(deps.database, {
    action: 'vault.rotated',
    actor: options.requestedBy,
    subject: { type: 'encryption_key', id: active },
    after: { moved: report.moved, unreadable: report.unreadable.length, left: report.left },
  });
  return report;
}

// Whoever comes second finds a rotation under way and helps with it.
async function addKeyOnce({ database, vault }: RotationDeps, options: RotationOptions): Promise<boolean> {
  return await database.transaction(async (connection) => {
    await lockKeys(connection);
    const { active, known } = await vault.keyIds();
    const counts = await countSealed(connection);
    // What no key opens is not the rest of a rotation: it would stand in the way for ever.
    if (counts.some(({ key_id }) => key_id !== null && key_id !== active && known.includes(key_id))) return false;
    options.keyFile?.addKey();
    const fresh = await vault.keyIds();
    await appendAudit(connection, {
      action: 'vault.key_added',
      actor: options.requestedBy,
      subject: { type: 'encryption_key', id: fresh.active },
      before: { active_key: active },
    });
    return true;
  });
}

interface Pass {
  place: SealedPlace;
  report: RotationReport;
  options: RotationOptions;
  waits: boolean;
}

async function passOver(deps: RotationDeps, { place, report, options, waits }: Pass): Promise<void> {
  let after: SealedRow | null = null;
  while (options.signal?.aborted !== true) {
    const limit = options.batch ?? 200;
    const rows: SealedRow[] = await readSealed(deps.database, place, { except: report.active_key, after, limit });
    const resealed: Resealed[] = [];
    for (const row of rows) {
      const opened = await resealRow(deps, { place, row, report });
      if (opened !== null) resealed.push(opened);
    }
    if (resealed.length > 0) {
      const work = (q: Parameters<typeof reseal>[0]) => reseal(q, place, { rows: resealed, waits });
      const written = await deps.database.transaction(work, { lockTimeout: 60_000 });
      report.moved += written.reduce((sum, row) => sum + row.moved, 0);
      report.left += resealed.length - written.length;
      options.onBatch?.(report);
    }
    after = rows.at(-1) ?? null;
    if (rows.length < limit) return;
  }
}

/** The row with every secret that opens under the active key; null = none does. */
async function resealRow(
  { vault }: RotationDeps,
  { place, row, report }: { place: SealedPlace; row: SealedRow; report: RotationReport },
): Promise<Resealed | null> {
  const fresh = { ...row.fields };
  const described: Record<string, SecretDescription> = {};
  let moved = 0;
  for (const [field, sealed] of Object.entries(row.fields)) {
    if (sealed.startsWith(`v1.${report.active_key}.`)) continue;
    try {
      const value = await vault.decrypt(row.owner, field, sealed);
      fresh[field] = await vault.encrypt(row.owner, field, value);
      described[field] = describeSecret(value, null);
      moved += 1;
    } catch (error) {
      if (!(error instanceof TillsyncError)) throw error;
      report.unreadable.push({ place, owner: row.owner, field, reason: error.code });
    }
  }
  return moved === 0 ? null : { ...row, fresh, described, moved };
}
