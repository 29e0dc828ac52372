// From one source definition of the original to a recipe: its address frozen, its auth and params taken over, its shape known or not.
import { inputError } from '../../../errors.ts';
import { makeReady, ownParams } from '../ready-recipe.ts';
import { frozenHost } from '../recipe-settings.ts';
import { runNames } from '../request/run-values.ts';
import type { AuthRule } from '../schema/auth-schema.ts';
import { checkRecipe } from '../schema/read-recipe.ts';
import type { Recipe } from '../schema/recipe-schema.ts';
import type { Definition } from './read-definitions.ts';

export interface Imported {
  recipe: Recipe;
  /** What a person should know, one sentence each. */
  notes: readonly string[];
}

const authOf: Readonly<Record<NonNullable<Definition['auth_method']>, AuthRule>> = {
  none: { kind: 'none' },
  api_key: { kind: 'api_key', header: 'X-API-Key' },
  // The original sends the token alone, without the word Bearer.
  bearer_token: { kind: 'bearer', scheme: '' },
  basic_auth: { kind: 'basic' },
  custom: { kind: 'headers' },
};

/**
 * `shapes` are the recipes that tillsync brings; the one for this type gives the mapping, else a draft comes out. `hosts`
 * fills variables in the host, which is frozen. Throws TillsyncError recipe_host_missing, definitions_invalid.
 */
export function importDefinition(
  definition: Definition,
  { shapes, hosts }: { shapes: readonly Recipe[]; hosts: Readonly<Record<string, string>> },
): Imported {
  const shape = shapes.find((recipe) => recipe.original?.type === definition.integration_type) ?? null;
  const { origin, path, query } = addressOf(definition, hosts);
  const named = [...`${path} ${Object.values(query).join(' ')}`.matchAll(/\{([^{}]+)\}/g)].map(([, name]) =>
    String(name),
  );
  const required = definition.required_config_fields;
  const names = [...new Set([...required, ...definition.optional_config_fields, ...named])].filter(isParam);
  const params = Object.fromEntries(
    names.map((name) => [name, shape?.params[name] ?? { required: required.includes(name) }]),
  );
  const identity = shape?.identity.every((name) => names.includes(name)) ? shape.identity : required.filter(isParam);
  const { products, modifiers, discounts, fails_when } = shape?.requests[0] ?? {};
  const recipe = checkRecipe({
    recipe: 1,
    id: idOf(definition.integration_type),
    title: definition.name.slice(0, 100),
    version: shape?.version ?? 1,
    ...(shape === null ? { draft: 'how its answers look is not known' } : {}),
    base_url: origin,
    params,
    identity,
    auth: authOf[definition.auth_method ?? 'none'],
    removal: shape?.removal ?? 'never',
    ...(shape === null ? {} : { volatile: shape.volatile }),
    requests: [{ path, query, ...given({ fails_when, products, modifiers, discounts }) }],
  });
  makeReady(recipe);
  return { recipe, notes: notesOf(definition, shape) };
}

function given(parts: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
}

function isParam(name: string): boolean {
  const taken: readonly string[] = [...ownParams, ...runNames, 'cursor'];
  return /^[a-z][a-z0-9_]{0,40}$/.test(name) && !taken.includes(name);
}

function notesOf(definition: Definition, shape: Recipe | null): string[] {
  if (shape === null) {
    return [`How answers of ${definition.integration_type} look is not known: it is a draft, and cannot run.`];
  }
  return [];
}

interface Address {
  origin: string;
  path: string;
  query: Record<string, string>;
}

/** The template in its parts; only the host's variables are filled in, and {integration_type}. */
function addressOf(definition: Definition, hosts: Readonly<Record<string, string>>): Address {
  const template = definition.base_url_template.replaceAll('{integration_type}', definition.integration_type);
  const [, scheme, host, path = '', search = ''] =
    /^(https?):\/\/([^/?#]+)([^?#]*)(?:\?([^#]*))?$/.exec(template) ?? [];
  if (scheme === undefined || host === undefined) {
    throw inputError(
      'definitions_invalid',
      `The address of ${definition.name} is no URL template.`,
      'Correct base_url_template.',
    );
  }
  const query = search.split('&').flatMap((member): [string, string][] => {
    const [name = '', ...value] = member.split('=');
    return name === '' ? [] : [[name, value.join('=')]];
  });
  return { origin: `${scheme}://${hostOf(definition, host, hosts)}`, path, query: Object.fromEntries(query) };
}

function hostOf(definition: Definition, host: string, hosts: Readonly<Record<string, string>>): string {
  const filled = host.replaceAll(/\{([^{}]+)\}/g, (_, name: string) => {
    const value = Object.hasOwn(hosts, name) ? hosts[name] : undefined;
    if (value !== undefined && frozenHost('{wand_domain}', value) !== null) return value;
    const problem = value === undefined ? 'is not said' : 'is no host name';
    throw inputError(
      'recipe_host_missing',
      `The host of ${definition.name} has the variable {${name}}, and its value ${problem}.`,
      `Say it once for all: --host ${name}=api.example.com`,
    );
  });
  if (frozenHost('{wand_domain}', filled) !== null) return filled;
  throw inputError(
    'definitions_invalid',
    `The host of ${definition.name} is no host name.`,
    'Correct base_url_template.',
  );
}

function idOf(type: string): string {
  const id = type
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 40);
  // Not the type alone: connectors that tillsync brings bear it.
  return `imported-${id}`.slice(0, 41);
}
