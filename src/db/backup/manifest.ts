// What a backup says about itself: which schema it holds, and per table the columns, rows and checksum.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { TillsyncError } from '../../errors.ts';

/** The name of the manifest inside a backup folder. */
export const manifestFile = 'manifest.json';

const tableSchema = z.object({
  name: z.string().regex(/^[a-z_]+$/),
  /** gzip of COPY's text format, inside the backup folder. */
  file: z.string().regex(/^[a-z_]+\.copy\.gz$/),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.int(),
  /** Of the uncompressed text. */
  bytes: z.int(),
  /** Of the uncompressed text, in hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Where the table's identity columns stand: column → the last id given out. */
  identities: z.record(z.string(), z.string()),
});

const manifestSchema = z.object({
  format: z.literal(1),
  tillsync: z.string(),
  /** server_version_num of the server it was read from. */
  postgres: z.int(),
  /** UTC. */
  made_at: z.string(),
  /** The migrations that the database had, by name. */
  migrations: z.array(z.string()),
  /** Ids of the encryption keys without which the stored credentials cannot be read. */
  key_ids: z.array(z.string()),
  tables: z.array(tableSchema),
});

export type BackupTable = z.infer<typeof tableSchema>;
export type BackupManifest = z.infer<typeof manifestSchema>;

/** Reads the manifest of a backup folder. Throws backup_missing, backup_damaged. */
export async function readManifest(folder: string): Promise<BackupManifest> {
  let text: string;
  try {
    text = await readFile(join(folder, manifestFile), 'utf8');
  } catch (cause) {
    throw backupError('backup_missing', `There is no backup in ${folder}.`, {
      hint: `Name the folder that \`tillsync backup\` wrote; it holds ${manifestFile}.`,
      cause,
    });
  }
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw damaged(folder, `its ${manifestFile} cannot be read`, cause);
  }
}

/** A part of a backup is not what its manifest promises. */
export function damaged(folder: string, what: string, cause?: unknown): TillsyncError {
  return backupError('backup_damaged', `The backup in ${folder} is damaged: ${what}.`, {
    hint: 'Use another copy of it, or an older backup.',
    cause,
  });
}

/** An error of backup or restore: nothing was changed, exit code 2. */
export function backupError(code: string, message: string, rest: { hint: string; cause?: unknown }): TillsyncError {
  return new TillsyncError(message, {
    code,
    step: 'validation',
    effect: 'Nothing was changed in the database.',
    exitCode: 2,
    ...rest,
  });
}
