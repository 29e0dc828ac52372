// tillsync connectors import: the original's source definitions, all at once, as stored recipes or as files.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Recipe } from '../../../connectors/recipe/schema/recipe-schema.ts';
import { inputError } from '../../../errors.ts';
import { exitCodes } from '../../exit-code.ts';
import { collect, pairs, readInput } from '../../parse-options.ts';
import { table } from '../../print/table.ts';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { examples, optionsOf } from '../../verb.ts';
import { askedHere, requestedBy, withApp } from '../../with-app.ts';

interface ImportOptions {
  host?: string[];
  into?: string;
}

interface Made {
  recipe: Recipe;
  text: string;
  notes: readonly string[];
}

/** Adds `import` to the verb that it is called with. */
export function defineImport(command: Command): void {
  command
    .command('import <file>')
    .description("Make recipes of the original's source definitions (wand_integration_sources as JSON)")
    .option(
      '--host <name=value>',
      'value of a variable in the host, e.g. wand_domain=api.example.com; it is frozen',
      collect,
    )
    .option('--into <folder>', 'write recipe files there, to look at or change, instead of storing them')
    .addHelpText(
      'after',
      `\nOne recipe per definition. What tillsync knows the answers of can run; the rest are drafts, which cannot.\n${examples(
        'tillsync connectors import definitions.json --host wand_domain=api.example.com',
        'tillsync connectors import definitions.json --host wand_domain=api.example.com --into recipes',
      )}`,
    )
    .action((file: string, _options: ImportOptions, self: Command) => run(file, self));
}

async function run(file: string, self: Command): Promise<void> {
  const { host, into } = optionsOf<ImportOptions>(self);
  const { readDefinitions } = await import('../../../connectors/recipe/import/read-definitions.ts');
  const { importDefinition } = await import('../../../connectors/recipe/import/import-definition.ts');
  const { writeRecipe } = await import('../../../connectors/recipe/import/write-recipe.ts');
  const { shippedNames, shippedRecipe } = await import('../../../connectors/recipe/find-recipe.ts');
  const shapes = shippedNames().map((name) => shippedRecipe(name));
  const hosts = pairs('--host', host);
  // All are made before the first is stored: a definition that is wrong leaves no half of an import.
  const made = readDefinitions(await readInput(file)).map((definition): Made => {
    const { recipe, notes } = importDefinition(definition, { shapes, hosts });
    return { recipe, notes, text: writeRecipe(recipe) };
  });
  if (into === undefined) await withApp(self, async (app) => await store(app, made, self));
  else {
    await writeFiles(into, made);
    process.exitCode = print(made, self);
  }
}

async function store(app: Parameters<Parameters<typeof withApp>[1]>[0], made: readonly Made[], self: Command) {
  const { storeRecipe } = await import('../../../sync/recipes/store-recipe.ts');
  for (const { text } of made) await storeRecipe(askedHere(app), text, { by: requestedBy() });
  return print(made, self);
}

function print(made: readonly Made[], self: Command): number {
  if (optionsOf(self).json) {
    const data = made.map(({ recipe, notes }) => {
      return { id: recipe.id, title: recipe.title, draft: recipe.draft ?? null, notes };
    });
    writeJson({ data, next: null });
    return exitCodes.ok;
  }
  const rows = made.map(({ recipe }) => [
    recipe.id,
    recipe.title,
    recipe.draft === undefined ? 'ready' : 'draft',
    recipe.base_url ?? '',
  ]);
  const columns = ['ID', 'TITLE', 'STATE', 'BASE URL'].map((title) => ({ title }));
  writeOut(table(columns, rows));
  for (const note of made.flatMap(({ notes }) => notes)) writeTalk(`${note}\n`);
  return exitCodes.ok;
}

async function writeFiles(folder: string, made: readonly Made[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { recipe, text } of made) {
    const path = join(folder, `${recipe.id}.yaml`);
    try {
      await writeFile(path, text, { flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      throw inputError('file_exists', `The file ${path} is there already.`, 'Take another folder with --into.');
    }
  }
}
