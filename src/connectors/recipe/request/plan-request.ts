// One request of a recipe, made ready: its templates are parsed once, its address is built for each page.
import { inputError } from '../../../errors.ts';
import { recipeInvalid } from '../schema/recipe-error.ts';
import type { Body, RecipeRequest } from '../schema/recipe-schema.ts';
import { fill, fillJson, parseTemplate, type Template, type Values } from './template.ts';

/** JSON of a POST with templates for its texts. */
type PlannedBody = Template | number | boolean | null | PlannedBody[] | { members: [string, PlannedBody][] };

export interface PlannedRequest {
  path: Template;
  query: readonly [string, Template][];
  headers: readonly [string, Template][];
  body: { members: [string, PlannedBody][] } | null;
}

/** Parses all templates of a request. Throws TillsyncError recipe_invalid. */
export function planRequest(request: RecipeRequest, where: string, known: readonly string[]): PlannedRequest {
  if (request.method === 'GET' && request.body !== undefined) {
    throw recipeInvalid(`${where}.body`, 'a GET has none', 'Say method: POST, or leave it out.');
  }
  if (request.send === 'form') checkForm(request, where);
  if (/[?#]/.test(request.path) || (request.path !== '' && !request.path.startsWith('/'))) {
    throw recipeInvalid(`${where}.path`, 'it must begin with / and have no ? or #', 'Put query members under query.');
  }
  const entries = (of: Record<string, unknown>, name: string): [string, Template][] =>
    Object.entries(of).map(([key, text]) => [key, parseTemplate(String(text), `${where}.${name}.${key}`, known)]);
  return {
    path: parseTemplate(request.path, `${where}.path`, known),
    query: entries(request.query, 'query'),
    headers: entries(request.headers, 'headers'),
    body: request.body === undefined ? null : plannedObject(request.body, `${where}.body`, known),
  };
}

function checkForm({ method, body = {} }: RecipeRequest, where: string): void {
  if (method === 'GET')
    throw recipeInvalid(`${where}.send`, 'a GET sends no form', 'Say method: POST, or leave it out.');
  const nested = Object.entries(body).find(([, value]) => typeof value === 'object' && value !== null);
  if (nested === undefined) return;
  throw recipeInvalid(`${where}.body.${nested[0]}`, 'a form has no lists and objects', 'Write a text, or send: json.');
}

function plannedObject(of: Record<string, Body>, where: string, known: readonly string[]) {
  const members = Object.entries(of).map(([key, value]): [string, PlannedBody] => [
    key,
    plannedBody(value, `${where}.${key}`, known),
  ]);
  return { members };
}

function plannedBody(value: Body, where: string, known: readonly string[]): PlannedBody {
  if (typeof value === 'string') return parseTemplate(value, where, known);
  if (Array.isArray(value)) return value.map((inner, index) => plannedBody(inner, `${where}[${index}]`, known));
  return typeof value === 'object' && value !== null ? plannedObject(value, where, known) : value;
}

/** The address of a request below the base URL; `more` are query members of the page. Throws TillsyncError settings_invalid. */
export function addressOf(
  base: URL,
  request: PlannedRequest,
  { values, more }: { values: Values; more: readonly [string, string][] },
): URL {
  const path = fill(request.path, values, encodeURIComponent);
  if (path === null) throw missing(request.path, values);
  const whole = base.pathname.replace(/\/+$/, '') + path;
  // What is only dots would climb out of the path that the recipe means.
  if (whole.split('/').some((part) => /^(\.|%2e){1,2}$/i.test(part))) {
    throw inputError(
      'settings_invalid',
      'A setting that stands in the path of the address is only dots.',
      'Correct it.',
    );
  }
  const query = request.query.flatMap(([name, template]): [string, string][] => {
    const value = fill(template, values);
    return value === null ? [] : [[name, value]];
  });
  const url = new URL(base.origin);
  url.pathname = whole;
  url.search = [...query, ...more]
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
  return url;
}

/** The headers that a request says itself; those whose value a config does not say are left out. */
export function headersOf(request: PlannedRequest, values: Values): Record<string, string> {
  const said = request.headers.map(([name, template]): [string, string | null] => [name, fill(template, values)]);
  return Object.fromEntries(said.filter((entry): entry is [string, string] => entry[1] !== null));
}

/** The JSON of a POST; members whose value a config does not say are left out. `more` are members of the page. */
export function bodyOf(
  request: PlannedRequest,
  values: Values,
  more: readonly [string, string | number][],
): Record<string, unknown> {
  const said = request.body === null ? {} : (filled(request.body, values) as Record<string, unknown>);
  return { ...said, ...Object.fromEntries(more) };
}

/** The same as form fields: texts; what is null has none. */
export function formOf(
  request: PlannedRequest,
  values: Values,
  more: readonly [string, string | number][],
): Record<string, string> {
  const said = Object.entries(bodyOf(request, values, more)).filter(([, value]) => value !== null);
  return Object.fromEntries(said.map(([name, value]) => [name, String(value)]));
}

function filled(body: PlannedBody, values: Values): unknown {
  if (typeof body !== 'object' || body === null) return body;
  if (Array.isArray(body)) return body.map((inner) => filled(inner, values));
  if ('pieces' in body) return fillJson(body, values) ?? undefined;
  const members = body.members.map(([name, inner]): [string, unknown] => [name, filled(inner, values)]);
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}

function missing(template: Template, values: Values): Error {
  const name = template.pieces.flatMap((piece) =>
    typeof piece === 'object' && (values[piece.name] ?? null) === null ? [piece.name] : [],
  )[0];
  return inputError(
    'settings_invalid',
    `The setting ${name} of this config is missing, and the address needs it.`,
    `Set it: tillsync configs set <config> --param ${name}=…`,
  );
}
