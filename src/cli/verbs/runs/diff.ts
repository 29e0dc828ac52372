// tillsync diff <run>: what a run changed, or what a held or dry run would change, field by field.
import type { Command } from 'commander';
import type { Page } from '../../../records/cursor.ts';
import type { Change } from '../../../records/runs/read-changes.ts';
import type { Backend } from '../../backend/backend.ts';
import { withBackend } from '../../backend/with-backend.ts';
import { wholeNumber } from '../../parse-options.ts';
import { changeText } from '../../print/diff-text.ts';
import { counted } from '../../print/quantities.ts';
import { summary } from '../../print/receipt.ts';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';

interface DiffOptions {
  limit?: number;
  cursor?: string;
}

const preset = 10_000;

export const diffVerb: Verb = {
  define(command) {
    command
      .argument('<run>', 'id of the run')
      .option('--limit <number>', 'changes to show (default: 10000)', wholeNumber(1, 1_000_000))
      .option('--cursor <cursor>', 'go on where a list ended')
      .addHelpText(
        'after',
        `\n+ created, ~ updated (old → new), - removed, ^ came back.\n${examples(
          'tillsync diff 01939f6e-5b1c-7d9e-8a3b-0c1d2e3f4a5b',
        )}`,
      )
      .action((id: string, _options: DiffOptions, self: Command) => withBackend(self, (of) => diff(of, id, self)));
  },
};

async function diff(backend: Backend, id: string, self: Command): Promise<number> {
  const run = await backend.showRun(id);
  const { limit = preset, cursor, json } = optionsOf<DiffOptions>(self);
  const page = await readChanges(backend, { runId: run.id, limit, cursor });
  if (json) {
    writeJson(page);
    return 0;
  }
  writeTalk(`${run.status}: ${summary(run)}\n`);
  for (const change of page.data) writeOut(changeText(change));
  if (page.data.length === 0) writeTalk('No changes.\n');
  if (page.next !== null) writeTalk(`${counted(page.data.length, 'change')} shown. More: --cursor ${page.next}\n`);
  return 0;
}

async function readChanges(
  backend: Backend,
  of: { runId: string; limit: number; cursor: string | undefined },
): Promise<Page<Change>> {
  const data: Change[] = [];
  let next = of.cursor ?? null;
  do {
    const limit = Math.min(1000, of.limit - data.length);
    const page = await backend.listChanges(of.runId, { limit, cursor: next ?? undefined });
    data.push(...page.data);
    next = page.next;
  } while (next !== null && data.length < of.limit);
  return { data, next };
}
