// The settings of a connector as fields of a form, read from the JSON Schema that it declares.
import type { Connector } from '../../api-types.ts';

export interface SettingField {
  /** As the command and the API call it. */
  name: string;
  /** What people call it. */
  title: string;
  kind: 'text' | 'number' | 'yes_no' | 'choice' | 'json';
  choices: readonly string[];
  help: string;
  isRequired: boolean;
  /** As text; null = none. */
  preset: string | null;
}

interface Schema {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  title?: string;
  description?: string;
  default?: unknown;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
}

/** In the order of the connector: what is required first. */
export function fieldsOf(connector: Connector): SettingField[] {
  const { properties = {}, required = [] } = connector.settings as Schema;
  const fields = Object.entries(properties).map(([name, schema]): SettingField => {
    const one = schema.anyOf?.find(({ type }) => type !== 'null') ?? schema;
    const choices = (one.enum ?? (one.const === undefined ? [] : [one.const])).map(String);
    return {
      name,
      title: schema.title ?? one.title ?? inWords(name),
      kind: choices.length > 0 ? 'choice' : kindOf(one.type),
      choices,
      help: schema.description ?? one.description ?? '',
      isRequired: required.includes(name) || connector.identity.includes(name),
      preset: schema.default === undefined ? null : textOf(schema.default),
    };
  });
  return fields.sort((a, b) => Number(b.isRequired) - Number(a.isRequired));
}

/** 'client_secret' → 'Client secret', 'api_key' → 'API key'. */
export function inWords(name: string): string {
  const words = name.replaceAll('_', ' ').replace(/\b(api|json|url)\b/g, (word) => word.toUpperCase());
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

/** What to ask for first: the settings on which the secrets depend, and the secrets that the choices so far need. */
export function neededNow(
  connector: Connector,
  fields: readonly SettingField[],
  typed: Readonly<Record<string, string>>,
): { deciding: readonly string[]; secrets: readonly string[] } {
  const { secret_needs: needs, secret_fields: all } = connector;
  if (needs.length === 0) return { deciding: [], secrets: all };
  const chosen = (name: string) => {
    const text = typed[name] ?? '';
    return text === '' ? fields.find((field) => field.name === name)?.preset : text;
  };
  const fitting = needs.find(({ when }) => Object.entries(when).every(([name, value]) => chosen(name) === value));
  return { deciding: Object.keys(needs[0]?.when ?? {}), secrets: fitting?.secrets ?? [] };
}

function kindOf(type: string | undefined): SettingField['kind'] {
  if (type === 'boolean') return 'yes_no';
  if (type === 'number' || type === 'integer') return 'number';
  return type === 'string' ? 'text' : 'json';
}

/** A value as a person would type it. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What was typed as params: what is empty is left out, lists are JSON or lines. */
export function paramsOf(
  fields: readonly SettingField[],
  typed: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const given = fields.filter(({ name }) => (typed[name] ?? '') !== '');
  return Object.fromEntries(given.map(({ name, kind }) => [name, typedValue(kind, typed[name] ?? '')]));
}

function typedValue(kind: SettingField['kind'], text: string): unknown {
  if (kind === 'yes_no') return text === 'true';
  // What is no number goes as it is: the server says in a sentence what it must be.
  if (kind === 'number') return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
  if (kind !== 'json') return text;
  try {
    return JSON.parse(text);
  } catch {
    // A list as people type it: one on each line, or between commas.
    return text.split(/[\n,]/).flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
  }
}
