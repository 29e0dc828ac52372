// tillsync migrate: brings the database to this version, and adopts the original's tables where they are.
import type { Command } from 'commander';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';
import { requestedBy, withApp } from '../../with-app.ts';

interface MigrateVerbOptions {
  dryRun?: boolean;
  keepLegacyCredentials?: boolean;
}

export const migrateVerb: Verb = {
  define(command) {
    command
      .option('--dry-run', 'say what would be done, and change nothing')
      .option('--keep-legacy-credentials', 'leave plaintext credentials of the original in place for now')
      .addHelpText(
        'after',
        `\nIt may be stopped at any point, even by kill -9: the next call goes on from there.\n${examples(
          'tillsync migrate --dry-run',
          'tillsync migrate',
        )}`,
      )
      .action((_options: MigrateVerbOptions, self: Command) =>
        withApp(
          self,
          async (app) => {
            const { migrateApp } = await import('../../../app.ts');
            const { dryRun, keepLegacyCredentials, json } = optionsOf<MigrateVerbOptions>(self);
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

function sentence(report: { dry_run: boolean; applied: string[] }): string {
  if (report.applied.length === 0) return 'Nothing to apply: the schema is this version\u2019s.';
  const files = report.applied.length === 1 ? '1 file' : `${report.applied.length} files`;
  return report.dry_run ? `${files} would be applied. Nothing was changed.` : `${files} applied.`;
}
