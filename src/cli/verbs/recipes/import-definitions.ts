// tillsync connectors import: the original's source definitions, all at once, as recipe files.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { inputError } from '../../../errors.ts';
import { exitCodes } from '../../exit-code.ts';
import { collect, pairs, readInput } from '../../parse-options.ts';
import { table } from '../../print/table.ts';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { examples, optionsOf } from '../../verb.ts';

interface ImportOptions {
  host?: string[];
  into: string;
  replace?: boolean;
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
    .option('--into <folder>', 'where the recipe files go', 'recipes')
    .option('--replace', 'write over files that are there')
    .addHelpText(
      'after',
      `\nOne file per definition. What tillsync knows the answers of can run; the rest are drafts, which cannot.\n${examples(
        'tillsync connectors import definitions.json --host wand_domain=api.example.com',
      )}`,
    )
    .action((file: string, _options: ImportOptions, self: Command) => run(file, self));
}

async function run(file: string, self: Command): Promise<void> {
  const options = optionsOf<ImportOptions>(self);
  const { readDefinitions } = await import('../../../connectors/recipe/import/read-definitions.ts');
  const { importDefinition } = await import('../../../connectors/recipe/import/import-definition.ts');
  const { writeRecipe } = await import('../../../connectors/recipe/import/write-recipe.ts');
  const { shippedNames, shippedRecipe } = await import('../../../connectors/recipe/find-recipe.ts');
  const shapes = shippedNames().map(shippedRecipe);
  const hosts = pairs('--host', options.host);
  // All are made before the first is written: a definition that is wrong leaves no half of an import.
  const imported = readDefinitions(await readInput(file)).map((definition) =>
    importDefinition(definition, { shapes, hosts }),
  );
  await mkdir(options.into, { recursive: true });
  for (const { recipe } of imported) {
    await write(join(options.into, `${recipe.id}.yaml`), writeRecipe(recipe), options.replace === true);
  }
  process.exitCode = exitCodes.ok;
  if (options.json) {
    writeJson({
      data: imported.map(({ recipe, notes }) => ({
        id: recipe.id,
        title: recipe.title,
        draft: recipe.draft ?? null,
        notes,
      })),
      next: null,
    });
    return;
  }
  const rows = imported.map(({ recipe }) => [
    recipe.id,
    recipe.title,
    recipe.draft === undefined ? 'ready' : 'draft',
    recipe.base_url ?? '',
  ]);
  writeOut(
    table(
      ['ID', 'TITLE', 'STATE', 'BASE URL'].map((title) => ({ title })),
      rows,
    ),
  );
  for (const note of imported.flatMap(({ notes }) => notes)) writeTalk(`${note}\n`);
}

async function write(path: string, text: string, replace: boolean): Promise<void> {
  try {
    await writeFile(path, text, { flag: replace ? 'w' : 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw inputError(
      'file_exists',
      `The file ${path} is there already.`,
      'Take another folder with --into, or say --replace.',
    );
  }
}
