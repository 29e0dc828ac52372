// tillsync backup: a copy of everything in a folder, and the way back.
import type { Command } from 'commander';
import type { App } from '../../../app.ts';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';
import { withApp } from '../../with-app.ts';

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
      .action((_options: BackupOptions, self: Command) =>
        // The schema is taken as it is: a backup changes nothing, and a restore migrates the rows that it brings.
        withApp(self, (app) => backUpOrRestore(app, self), { schema: 'any' }),
      );
  },
};

async function backUpOrRestore(app: App, self: Command): Promise<number> {
  const { out, restore, json } = optionsOf<BackupOptions>(self);
  if (restore !== undefined) {
    const { restoreBackup } = await import('../../../db/backup/restore-backup.ts');
    const restored = await restoreBackup({ database: app.database, from: restore });
    if (json) writeJson(restored);
    else writeOut(`Restored ${restore}. Check it with \`tillsync verify\`.\n`);
    return 0;
  }
  const { backup } = await import('../../../db/backup/backup.ts');
  const folder = out ?? `tillsync-backup-${new Date().toISOString().replace(/[:.]/g, '-')}`;
  const written = await backup({ database: app.database, out: folder });
  if (json) writeJson(written);
  else {
    writeOut(`Wrote ${folder}.\n`);
    writeTalk('The encryption key is not in it: keep encryption.key (or TILLSYNC_ENCRYPTION_KEY) apart.\n');
  }
  return 0;
}
