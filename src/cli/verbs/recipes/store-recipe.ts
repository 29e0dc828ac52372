// tillsync connectors add, recipes, remove: recipes that are stored, and with that connectors.
import type { Command } from 'commander';
import type { App } from '../../../app.ts';
import { exitCodes } from '../../exit-code.ts';
import { readInput } from '../../parse-options.ts';
import { time } from '../../print/quantities.ts';
import { table } from '../../print/table.ts';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { examples, optionsOf } from '../../verb.ts';
import { askedHere, requestedBy, withApp } from '../../with-app.ts';

/** Adds them to the verb that it is called with. */
export function defineStored(command: Command): void {
  command
    .command('add <file>')
    .description('Store a recipe: it is a connector from then on, for every process on this database')
    .addHelpText(
      'after',
      `\nThe same id again replaces it, with the next version.\n${examples('tillsync connectors add my-pos.yaml')}`,
    )
    .action((file: string, _options: object, self: Command) => withApp(self, (app) => add(app, file, self)));
  command
    .command('recipes')
    .description('Recipes that are stored')
    .addHelpText('after', examples('tillsync connectors recipes --json'))
    .action((_options: object, self: Command) => withApp(self, (app) => list(app, self)));
  command
    .command('remove <id>')
    .description('Take a stored recipe away; not while configs use it')
    .addHelpText('after', examples('tillsync connectors remove my-pos'))
    .action((id: string, _options: object, self: Command) => withApp(self, (app) => remove(app, id)));
}

async function add(app: App, file: string, self: Command): Promise<number> {
  const { storeRecipe } = await import('../../../sync/recipes/store-recipe.ts');
  const stored = await storeRecipe(askedHere(app), await readInput(file), { by: requestedBy() });
  if (optionsOf(self).json) writeJson(stored);
  else {
    writeOut(`${stored.id} (${stored.title}, version ${stored.version}): ${stored.outcome}.\n`);
    if (stored.draft !== null) writeTalk(`It is a draft and cannot run yet: ${stored.draft}\n`);
  }
  return exitCodes.ok;
}

async function list(app: App, self: Command): Promise<number> {
  const { listRecipes } = await import('../../../records/recipes/stored-recipes.ts');
  const data = await listRecipes(app.database);
  if (optionsOf(self).json) writeJson({ data, next: null });
  else {
    const columns = ['ID', 'TITLE', 'VERSION', 'CHANGED'].map((title) => ({ title }));
    const rows = data.map((recipe) => [recipe.id, recipe.title, String(recipe.version), time(recipe.updated_at)]);
    writeOut(table(columns, rows, 'No recipes are stored. Store one: `tillsync connectors add <file>`.'));
  }
  return exitCodes.ok;
}

async function remove(app: App, id: string): Promise<number> {
  const { removeRecipe } = await import('../../../sync/recipes/store-recipe.ts');
  await removeRecipe(askedHere(app), id);
  writeOut(`Removed ${id}.\n`);
  return exitCodes.ok;
}
