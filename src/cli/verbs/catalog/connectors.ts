// tillsync connectors: kinds of POS, as recipes.
import { examples, type Verb } from '../../verb.ts';
import { defineRecipeVerbs } from '../recipes/define-recipe-verbs.ts';

export const connectorsVerb: Verb = {
  define(command) {
    command.addHelpText('after', examples('tillsync connectors try webtrition --payload answer.json'));
    defineRecipeVerbs(command);
  },
};
