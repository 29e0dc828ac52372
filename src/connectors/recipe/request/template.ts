// Texts with placeholders such as {brand}: parsed once, filled in percent-encoded for addresses and as they are elsewhere.
import { inputError } from '../../../errors.ts';
import { recipeInvalid } from '../schema/recipe-error.ts';

/** A piece of a template: text as it stands, or the name of a value. */
type Piece = string | { name: string; isNumber: boolean };

export interface Template {
  pieces: readonly Piece[];
}

/** Values by name; null = the config does not say it. */
export type Values = Readonly<Record<string, string | null>>;

/** Parses a template whose placeholders must be among `known`. Throws TillsyncError recipe_invalid. */
export function parseTemplate(text: string, where: string, known: readonly string[]): Template {
  const pieces: Piece[] = text
    .split(/(\{[^{}]*\})/)
    .filter((piece) => piece !== '')
    .map((piece) => (piece.startsWith('{') && piece.endsWith('}') ? placeholder(piece) : piece));
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      if (/[{}]/.test(piece)) {
        throw recipeInvalid(where, 'it has a brace without its other half', 'Write placeholders as {name}.');
      }
    } else if (!known.includes(piece.name)) {
      throw recipeInvalid(
        where,
        `it names {${piece.name.slice(0, 60)}}, which is no param`,
        `Declare it under params; known are ${known.join(', ')}.`,
      );
    }
  }
  return { pieces };
}

function placeholder(piece: string): Piece {
  const [, isNumber, name = ''] = /^\{(number:)?(.*)\}$/.exec(piece) ?? [];
  return { name, isNumber: isNumber !== undefined };
}

/** The template filled in, each value through `encode`; null when one of them is not said. */
export function fill(template: Template, values: Values, encode = (value: string) => value): string | null {
  let text = '';
  for (const piece of template.pieces) {
    const value = typeof piece === 'string' ? piece : valueNamed(values, piece.name);
    if (value === null) return null;
    text += typeof piece === 'string' ? piece : encode(value);
  }
  return text;
}

/** The same for JSON: a template that is one {number:name} gives a number. */
export function fillJson(template: Template, values: Values): string | number | null {
  const [only] = template.pieces;
  const text = fill(template, values);
  if (text === null || template.pieces.length !== 1 || typeof only !== 'object' || !only.isNumber) return text;
  if (!/^-?\d{1,15}(\.\d{1,10})?$/.test(text)) {
    throw inputError(
      'settings_invalid',
      `The setting ${only.name} of this config is not usable: it must be a number.`,
      `Correct it: tillsync configs set <config> --param ${only.name}=…`,
    );
  }
  return Number(text);
}

function valueNamed(values: Values, name: string): string | null {
  return Object.hasOwn(values, name) ? (values[name] ?? null) : null;
}
