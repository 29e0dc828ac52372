// tillsync connectors try: a recipe on a saved answer, without a POS, a database or a config.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { itemToFormatted } from '../../../catalog/formatted-item.ts';
import { kinds } from '../../../catalog/item.ts';
import { inputError } from '../../../errors.ts';
import { exitCodes } from '../../exit-code.ts';
import { collect, pairs, readInput, wholeNumber } from '../../parse-options.ts';
import { count } from '../../print/quantities.ts';
import { table } from '../../print/table.ts';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { examples, optionsOf } from '../../verb.ts';

interface TryOptions {
  payload: string;
  request?: string;
  param?: string[];
  show: number;
}

/** Adds `try` to the verb that it is called with. */
export function defineTry(command: Command): void {
  command
    .command('try <recipe>')
    .description('Format a saved answer of a POS by a recipe: items, rejects, and members that the recipe never reads')
    .requiredOption('--payload <file>', 'the answer as the POS sent it, or - for stdin')
    .option('--request <name>', 'which request of the recipe it answers, where there are several')
    .option('--param <name=value>', 'a setting of the config, e.g. currency=USD; may be given several times', collect)
    .option('--show <n>', 'how many items and rejects are listed', wholeNumber(0, 100_000), 10)
    .addHelpText(
      'after',
      `\n<recipe> is a file, or the name of a recipe that tillsync brings. Nothing is sent and nothing stored.\nExit code 3 when there are rejects.\n${examples(
        'tillsync connectors try my-pos.yaml --payload answer.json',
        'tillsync connectors try webtrition --payload answer.json --json',
      )}`,
    )
    .action((recipe: string, _options: TryOptions, self: Command) => run(recipe, self));
}

async function run(name: string, self: Command): Promise<void> {
  const options = optionsOf<TryOptions>(self);
  const { findRecipe } = await import('../../../connectors/recipe/find-recipe.ts');
  const { tryRecipe } = await import('../../../connectors/recipe/try/try-recipe.ts');
  const recipe = await findRecipe(name, (path) => readInput(path));
  const trial = tryRecipe(recipe, {
    payload: await bytesOf(options.payload),
    request: options.request,
    params: pairs('--param', options.param),
  });
  process.exitCode = trial.rejects.length > 0 ? exitCodes.partial : exitCodes.ok;
  if (options.json) {
    writeJson({
      recipe: recipe.id,
      counts: trial.counts,
      kinds_present: trial.kindsPresent,
      items: trial.items.map((item) => ({ kind: item.kind, ...(itemToFormatted(item) as object) })),
      rejects: trial.rejects,
      unused: trial.unused,
    });
    return;
  }
  print(trial, options.show);
  if (recipe.draft !== undefined) writeTalk(`${basename(name)} is a draft and cannot run yet: ${recipe.draft}\n`);
}

type Trial = ReturnType<typeof import('../../../connectors/recipe/try/try-recipe.ts').tryRecipe>;

function print({ counts, items, rejects, unused, kindsPresent }: Trial, show: number): void {
  const titles = ['KIND', 'ITEMS', 'REJECTS', 'REMOVED', 'FILTERED', 'SAME KEY'];
  const rows = kinds.map((kind) => {
    const of = counts[kind];
    const numbers = [of.items, of.rejects, of.removed, of.filtered, of.duplicates].map(count);
    return kindsPresent.includes(kind) ? [kind, ...numbers] : [kind, 'not in this answer'];
  });
  writeOut(
    table(
      titles.map((title, index) => ({ title, align: index === 0 ? 'left' : 'right' })),
      rows,
    ),
  );
  if (show > 0 && items.length > 0) {
    const listed = items
      .slice(0, show)
      .map((item) => [
        item.kind,
        item.externalId,
        item.pathId ?? '',
        item.name ?? '',
        item.price ?? item.discountAmount ?? (item.discountPercent === null ? '' : `${item.discountPercent} %`),
        item.currency ?? '',
        item.isAvailable === null ? '' : item.isAvailable ? 'yes' : 'no',
      ]);
    const heads = ['KIND', 'KEY', 'PATH', 'NAME', 'PRICE', 'CURRENCY', 'AVAILABLE'];
    writeOut(
      `\n${table(
        heads.map((title) => ({ title })),
        listed,
      )}${more(items.length - show)}`,
    );
  }
  if (show > 0 && rejects.length > 0) {
    const listed = rejects.slice(0, show).map((reject) => [reject.kind, reject.reason, reject.message]);
    const heads = ['REJECTED', 'REASON', 'WHY'];
    writeOut(
      `\n${table(
        heads.map((title) => ({ title })),
        listed,
      )}${more(rejects.length - show)}`,
    );
  }
  writeOut(unused.length === 0 ? '\nEvery member is read.\n' : `\nNever read: ${unused.join(', ')}\n`);
}

function more(left: number): string {
  return left > 0 ? `… and ${count(left)} more (--show ${left + 1000}, or --json)\n` : '';
}

async function bytesOf(path: string): Promise<Buffer> {
  if (path === '-') return Buffer.from(await readInput('-'));
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw inputError('file_unreadable', `The file ${path} cannot be read (${code ?? 'unknown'}).`, 'Check the path.');
  }
}
