// tillsync migrate: brings the database to this version, and adopts the original's tables where they are.
import type { Command } from 'commander';
import type { App } from '../../../app.ts';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';
import { requestedBy, withApp } from '../../with-app.ts';

interface MigrateVerbOptions {
  dryRun?: boolean;
  keepLegacyCredentials?: boolean;
  lockDown?: boolean;
}

export const migrateVerb: Verb = {
  define(command) {
    command
      .option('--dry-run', 'say what would be done, and change nothing')
      .option('--keep-legacy-credentials', 'leave plaintext credentials of the original in place for now')
      .option(
        '--lock-down',
        'take policies and grants for everybody off adopted tables (see docs/how-to/supabase-roles.md)',
      )
      .addHelpText(
        'after',
        `\nIt may be stopped at any point, even by kill -9: the next call goes on from there.\n${examples(
          'tillsync migrate --dry-run',
          'tillsync migrate',
          'tillsync migrate --lock-down --dry-run',
        )}`,
      )
      .action((_options: MigrateVerbOptions, self: Command) =>
        withApp(
          self,
          async (app) => {
            const { migrateApp } = await import('../../../app.ts');
            const { dryRun, keepLegacyCredentials, lockDown, json } = optionsOf<MigrateVerbOptions>(self);
            if (lockDown === true) return await lockDownTables(app, { dryRun: dryRun === true, json: json === true });
            const report = await migrateApp(app, {
              dryRun: dryRun === true,
              keepLegacyCredentials: keepLegacyCredentials === true,
              by: requestedBy(),
              report: (line) => (json ? writeTalk(`${line}\n`) : writeOut(`${line}\n`)),
            });
            if (json) writeJson(report);
            else writeOut(`${sentence(report)}\n`);
            return 0;
          },
          { schema: 'any', asOwner: true },
        ),
      );
  },
};

// Only what is asked for: a rehearsal of the lock-down on a database that is not migrated would show nothing true.
async function lockDownTables(app: App, of: { dryRun: boolean; json: boolean }): Promise<number> {
  const { lockDownApp } = await import('../../../app.ts');
  const { checkSchemaVersion } = await import('../../../db/migrate/migration-journal.ts');
  await checkSchemaVersion(app.database);
  const report = await lockDownApp(app, { dryRun: of.dryRun, by: requestedBy() });
  if (of.json) {
    writeJson(report);
    return 0;
  }
  for (const statement of report.statements) writeOut(`${statement};\n`);
  if (report.statements.length === 0) writeTalk('Nothing is open to everybody: the tables are locked down.\n');
  else writeTalk(report.dry_run ? 'Nothing was changed.\n' : 'Locked down.\n');
  return 0;
}

function sentence(report: { dry_run: boolean; applied: string[] }): string {
  if (report.applied.length === 0) return 'Nothing to apply: the schema is this version\u2019s.';
  const files = report.applied.length === 1 ? '1 file' : `${report.applied.length} files`;
  return report.dry_run ? `${files} would be applied. Nothing was changed.` : `${files} applied.`;
}
