// tillsync upkeep: deletes what the settings of retention no longer keep, as the server does once an hour.
import type { Command } from 'commander';
import type { App } from '../../../app.ts';
import { counted, size } from '../../print/quantities.ts';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';
import { withApp } from '../../with-app.ts';

export const upkeepVerb: Verb = {
  define(command) {
    command
      .addHelpText(
        'after',
        `\nIt deletes old runs, logs, stored answers and audit entries in small steps, beside running syncs. What is kept:\nTILLSYNC_KEEP_… in docs/reference/config.md, and docs/how-to/retention.md.\n${examples(
          'tillsync upkeep',
          'TILLSYNC_KEEP_LOGS_DAYS=7 tillsync upkeep',
        )}`,
      )
      .action((_options: object, self: Command) =>
        withApp(self, (app, signal) => upkeep(app, { signal, json: optionsOf(self).json === true }), {
          stopsItself: true,
        }),
      );
  },
};

async function upkeep(app: App, { signal, json }: { signal: AbortSignal; json: boolean }): Promise<number> {
  const { applyRetention } = await import('../../../sync/upkeep/apply-retention.ts');
  const done = await applyRetention(app.deps, signal);
  if (json) writeJson(done);
  else {
    writeOut(
      `Deleted ${counted(done.runs, 'run')}, ${counted(done.logs, 'line')} of their logs, ${counted(done.changes, 'change')}, ` +
        `${counted(done.rejects + done.duplicates, 'reject or duplicate', 'rejects and duplicates')}, ` +
        `${counted(done.payloads, 'stored answer')} (${size(done.payload_bytes)}), ` +
        `${counted(done.audit_entries, 'audit entry', 'audit entries')}; ${counted(done.sources, 'source')} looked at.\n`,
    );
  }
  if (done.left === 0) return 0;
  writeTalk(
    `${counted(done.left, 'source')} could not be done this time; the log says why (TILLSYNC_LOG_LEVEL=error).\n`,
  );
  return 1;
}
