// tillsync verify: the key doctor; it predicts every failing save from the catalog, and mends what it can.
import type { Command } from 'commander';
import type { App } from '../../../app.ts';
import { exitCodes } from '../../exit-code.ts';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';
import { requestedBy, withApp } from '../../with-app.ts';

interface VerifyOptions {
  fix?: boolean;
}

export const verifyVerb: Verb = {
  define(command) {
    command
      .option('--fix', 'repair what can be repaired, in the right order')
      .addHelpText(
        'after',
        `\nExit code 0: ready for sync. 1: something is missing, with the exact SQL.\n${examples(
          'tillsync verify',
          'tillsync verify --fix',
          'tillsync verify --json',
        )}`,
      )
      .action((_options: VerifyOptions, self: Command) => {
        const { fix, json } = optionsOf<VerifyOptions>(self);
        return withApp(self, (app) => (fix ? mend(app, json === true) : look(app, json === true)), {
          schema: 'embedded',
          asOwner: true,
          // An old server is a finding, not a refusal; repairing it is refused.
          allowOldServer: fix !== true,
        });
      });
  },
};

async function look(app: App, json: boolean): Promise<number> {
  const { verify } = await import('../../../db/verify/verify.ts');
  const { formatReport } = await import('../../../db/verify/format-report.ts');
  const report = await app.database.withConnection((connection) => verify(connection));
  if (json) writeJson(report);
  else writeOut(formatReport(report));
  return report.ok ? exitCodes.ok : exitCodes.failed;
}

async function mend(app: App, json: boolean): Promise<number> {
  const { migrateApp } = await import('../../../app.ts');
  const { fix } = await import('../../../db/verify/fix.ts');
  const { formatReport } = await import('../../../db/verify/format-report.ts');
  const report = (line: string) => writeTalk(`${line}\n`);
  // With the connectors and the vault at hand, so that adoption and credentials are done before the keys.
  await migrateApp(app, { report, by: requestedBy() });
  const { repairs, after } = await fix(app.database, { report });
  const mended = repairs.filter(({ repaired }) => repaired).map(({ message }) => message);
  if (mended.length > 0) {
    const { noteAction } = await import('../../../sync/audit/note-action.ts');
    await noteAction(app.deps, { action: 'database.mended', actor: requestedBy(), after: { mended } });
  }
  if (json) {
    writeJson({ ...after, repairs });
  } else {
    for (const repair of repairs) {
      writeOut(`${repair.repaired ? 'Repaired' : 'Not repaired'}: ${repair.message}\n`);
      if (repair.error !== null) writeOut(`  ${repair.error}\n`);
    }
    writeOut(formatReport(after));
  }
  return after.ok ? exitCodes.ok : exitCodes.failed;
}
