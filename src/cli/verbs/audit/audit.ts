// tillsync audit: who did what, when and from where; as a list and as a file.
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AuditRow } from '../../../records/audit/read-audit.ts';
import { withAudit } from '../../backend/audit-verbs.ts';
import { wholeNumber } from '../../parse-options.ts';
import { time } from '../../print/quantities.ts';
import { table } from '../../print/table.ts';
import { writeBytes, writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';

interface FilterOptions {
  actor?: string;
  action?: string;
  subject?: string;
  from?: string;
  to?: string;
}

interface ListOptions extends FilterOptions {
  limit?: number;
  cursor?: string;
}

const listExamples = [
  'tillsync audit list',
  'tillsync audit list --action config --from 2026-11-01',
  'tillsync audit list --actor cli:ada --json',
];

export const auditVerb: Verb = {
  define(command) {
    command.addHelpText('after', examples(listExamples[0]!, 'tillsync audit export --format csv > audit.csv'));
    filterOptions(command.command('list').description('What was done, newest first'))
      .option('--limit <number>', 'rows to show (default: 100)', wholeNumber(1, 1000))
      .option('--cursor <cursor>', 'the `next` of the page before')
      .addHelpText('after', examples(...listExamples))
      .action((_options: ListOptions, self: Command) =>
        withAudit(self, async (audit) => {
          const { limit, cursor, json, ...options } = optionsOf<ListOptions>(self);
          const page = await audit.list({ ...filterOf(options), limit, cursor });
          if (json) return writeJson(page);
          writeOut(table(columns, page.data.map(rowOf), 'Nothing was done yet.'));
          if (page.next !== null) writeTalk(`There are more: --cursor ${page.next}\n`);
        }),
      );
    filterOptions(command.command('export').description('All of it on stdout; the export is an entry itself'))
      .addOption(
        new Option('--format <format>', 'for spreadsheets or for programs').choices(['csv', 'ndjson']).default('csv'),
      )
      .addHelpText('after', examples('tillsync audit export --from 2026-01-01 --to 2027-01-01 > audit.csv'))
      .action((_options: FilterOptions, self: Command) =>
        withAudit(self, async (audit) => {
          const { format, ...options } = optionsOf<FilterOptions & { format: 'csv' | 'ndjson' }>(self);
          await writeBytes(await audit.export({ filter: filterOf(options), format }));
        }),
      );
  },
};

function filterOptions(command: Command): Command {
  return command
    .option('--actor <actor>', 'who did it, e.g. cli:ada or user:ada@example.com')
    .option('--action <action>', 'one action (config.changed), or all of a subject (config)')
    .option('--subject <id>', 'what it was done to, by its id')
    .option('--from <time>', 'the first time that is included, e.g. 2026-11-01', isoTime)
    .option('--to <time>', 'the first time that is not', isoTime);
}

function isoTime(text: string): string {
  if (/^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(text) && Number.isFinite(Date.parse(text))) return text;
  throw new InvalidArgumentError('It must be a day or a time with its zone, e.g. 2026-11-01 or 2026-11-01T08:00:00Z.');
}

function filterOf({ actor, action, subject, from, to }: FilterOptions): FilterOptions {
  return { actor, action, subject, from, to } as FilterOptions;
}

const columns = ['at', 'actor', 'action', 'subject', 'address', 'before', 'after'].map((title) => ({ title }));

function rowOf(row: AuditRow): string[] {
  const subject = [row.subject_type, row.subject_name ?? row.subject_id].filter((part) => part !== null).join(' ');
  const fields = (value: AuditRow['before']) => (value === null ? '' : JSON.stringify(value));
  return [time(row.at), row.actor, row.action, subject, row.address ?? '', fields(row.before), fields(row.after)];
}
