// What `tillsync connectors` can do with recipes.
import type { Command } from 'commander';
import { defineImport } from './import-definitions.ts';
import { defineStored } from './store-recipe.ts';
import { defineTry } from './try-recipe.ts';

/** Adds them to the verb `connectors`. */
export function defineRecipeVerbs(command: Command): void {
  defineTry(command);
  defineStored(command);
  defineImport(command);
}
