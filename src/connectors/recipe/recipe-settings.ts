// The settings of a recipe's config, made of the params that it declares, and the address that they lead to.
import { z } from 'zod';
import { inputError } from '../../errors.ts';
import { usableBase } from '../read-settings.ts';
import type { Recipe } from './schema/recipe-schema.ts';

type Params = Readonly<Record<string, unknown>>;

const idText = z.union([z.string().min(1), z.number()]).transform(String);

/** The schema of a config's params: those of the recipe, and those that every recipe has. */
export function settingsOf(recipe: Recipe): z.ZodObject {
  const declared = Object.entries(recipe.params).map(([name, rule]): [string, z.ZodType] => {
    const text = rule.values === undefined ? idText : z.enum(rule.values as [string, ...string[]]);
    const schema = rule.required && rule.default === undefined ? text : text.optional();
    const { title = inWords(name), description } = rule;
    return [name, schema.meta({ title, ...(description === undefined ? {} : { description }) })];
  });
  const usual = recipe.base_url === undefined ? '' : ` Default ${recipe.base_url}.`;
  return z.strictObject({
    ...Object.fromEntries(declared),
    ...(recipe.original === undefined
      ? {}
      : {
          wand_domain: z
            .string()
            .optional()
            .describe(`Kept from the original: stands for https://${recipe.original.host}.`)
            .meta({ title: 'Original domain' }),
        }),
    base_url: z
      .string()
      .optional()
      .describe(`Address of the API, e.g. https://pos.example.com.${usual}`)
      .meta({ title: 'API address' }),
    time_zone: z
      .string()
      .refine(isTimeZone, 'must be an IANA time zone such as America/Chicago')
      .default('UTC')
      .describe('Zone of {run_date} and {run_time}.')
      .meta({ title: 'Time zone' }),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as USD')
      .optional()
      .describe('ISO 4217, where the POS does not say it.')
      .meta({ title: 'Currency' }),
    exclude_categories: z
      .union([z.array(z.string().min(1)), z.string().transform(listOf)])
      .default([])
      .describe('Items whose category contains one of these texts are left out and counted.')
      .meta({ title: 'Categories to leave out' }),
  });
}

/** 'menu_date' → 'Menu date'. */
function inWords(name: string): string {
  const words = name.replaceAll('_', ' ');
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

/** The base URL of a config: its own, else the recipe's, else what wand_domain of an adopted one stood for. Throws base_url_invalid. */
export function baseUrlOf(recipe: Recipe, params: Params): URL {
  const text = params.base_url ?? adoptedBaseUrl(recipe, params) ?? recipe.base_url;
  const url = usableBase(text);
  if (url !== null) return url;
  throw inputError(
    'base_url_invalid',
    typeof text === 'string'
      ? `The base_url of this ${recipe.title} config is not usable.`
      : `This ${recipe.title} config has no base_url.`,
    'Set base_url to an address such as https://pos.example.com, without user name, ? or #.',
  );
}

/** The base URL that the original built from a config's wand_domain; null where there is none. */
export function adoptedBaseUrl(recipe: Recipe, params: Params): string | null {
  const domain = params.wand_domain;
  return recipe.original === undefined ? null : frozenHost(recipe.original.host, domain);
}

/** A host of the original with its variable filled in, as an origin; null where it is no host name. */
export function frozenHost(host: string, domain: unknown): string | null {
  // A host name and perhaps a port: nothing that could turn the address into another one.
  if (typeof domain !== 'string' || !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/i.test(domain)) return null;
  return `https://${host.replace('{wand_domain}', domain)}`;
}

// As a command line says a list: ["OLO","3PD"] or OLO, 3PD.
function listOf(text: string): string[] {
  const parts = text.replace(/^\s*\[|\]\s*$/g, '').split(',');
  return parts.map((part) => part.trim().replace(/^"|"$/g, '')).filter((part) => part !== '');
}

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
