// The error of a recipe that cannot be used: it names the place in the recipe and the fix.
import { inputError, type TillsyncError } from '../../../errors.ts';

/** `where` is the place, e.g. 'requests[0].products.each[1].path'; '' = the whole. Code recipe_invalid. */
export function recipeInvalid(where: string, problem: string, fix: string): TillsyncError {
  const place = where === '' ? 'The recipe' : `${where} of the recipe`;
  return inputError('recipe_invalid', `${place} is not usable: ${problem}.`, fix, { where, problem });
}
