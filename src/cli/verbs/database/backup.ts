// tillsync backup: a copy of everything in a folder, and the way back.
import type { Command } from 'commander';
import type { App } from '../../../app.ts';
import { counted, size, time } from '../../print/quantities.ts';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';
import { requestedBy, withApp } from '../../with-app.ts';

interface BackupOptions {
  out?: string;
  restore?: string;
}

export const backupVerb: Verb = {
  define(command) {
    command
      .option('--out <folder>', 'folder to write, which must not exist yet (default: tillsync-backup-<time>)')
      .option('--restore <folder>', 'read a backup into an empty database instead')
      .addHelpText(
        'after',
        `\nThe encryption key is not part of a backup: without encryption.key (or TILLSYNC_ENCRYPTION_KEY) the stored
credentials cannot be read again. Keep it apart; see docs/how-to/backup.md.\n${examples(
          'tillsync backup --out /backups/tillsync-monday',
          'tillsync backup --restore /backups/tillsync-monday --data-dir new-folder',
        )}`,
      )
      .action((_options: BackupOptions, self: Command) => {
        const { out, restore, json } = optionsOf<BackupOptions>(self);
        const work = (app: App) =>
          restore === undefined
            ? write(app, out ?? folderOfNow(), json === true)
            : bringBack(app, restore, json === true);
        // The schema is taken as it is: a backup changes nothing, and a restore migrates the rows that it brings.
        return withApp(self, work, { schema: 'any', asOwner: true });
      });
  },
};

async function write(app: App, out: string, json: boolean): Promise<number> {
  const { backup } = await import('../../../db/backup/backup.ts');
  const report = await backup({ database: app.database, out });
  await note(app, 'backup.made', { rows: rowsOf(report.tables), bytes: report.stored_bytes });
  if (json) {
    writeJson(report);
    return 0;
  }
  writeOut(`Wrote ${out}.\n`);
  writeTalk(`${rowsIn(report.tables)}, ${size(report.stored_bytes)}.\n`);
  writeTalk('The encryption key is not in it: keep encryption.key (or TILLSYNC_ENCRYPTION_KEY) apart.\n');
  return 0;
}

async function bringBack(app: App, from: string, json: boolean): Promise<number> {
  const { restoreBackup } = await import('../../../db/backup/restore-backup.ts');
  const report = await restoreBackup({ database: app.database, from });
  await note(app, 'backup.restored', { rows: rowsOf(report.tables), made_at: report.made_at });
  if (json) {
    writeJson(report);
    return 0;
  }
  writeOut(`Restored ${from}.\n`);
  writeTalk(`${rowsIn(report.tables)}, as of ${time(report.made_at)}. Check it with \`tillsync verify\`.\n`);
  if (report.interrupted_runs > 0) {
    writeTalk(`${counted(report.interrupted_runs, 'run')} under way at that time: now interrupted. Sync again.\n`);
  }
  return 0;
}

async function note(app: App, action: string, after: Record<string, unknown>): Promise<void> {
  const { noteAction } = await import('../../../sync/audit/note-action.ts');
  await noteAction(app.deps, { action, actor: requestedBy(), after });
}

const rowsOf = (tables: readonly { rows: number }[]) => tables.reduce((sum, table) => sum + table.rows, 0);

function rowsIn(tables: readonly { rows: number }[]): string {
  return `${counted(rowsOf(tables), 'row')} in ${counted(tables.length, 'table')}`;
}

function folderOfNow(): string {
  return `tillsync-backup-${new Date().toISOString().slice(0, 19).replace(/:/g, '-')}`;
}
