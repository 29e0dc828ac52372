// Makes docs/reference/recipes.md from the schema of recipes: every word with its form, its default and its meaning.
import { recipeJsonSchema } from '../src/connectors/recipe/schema/json-schema.ts';

interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  type?: string;
  const?: unknown;
  enum?: unknown[];
  description?: string;
  default?: unknown;
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  required?: string[];
  items?: Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
}

const order = [
  'param',
  'auth',
  'request',
  'pages',
  'complete',
  'mapping',
  'level',
  'fields',
  'text',
  'split',
  'join',
  'money',
  'available',
];

/** The text of docs/reference/recipes.md. */
export function recipePage(): string {
  const schema = recipeJsonSchema() as Schema;
  const parts = order.map((name) => section(name, schema.$defs?.[name] ?? {}));
  return `${head}\n${section('recipe', schema)}\n${parts.join('\n')}`;
}

/** The text of docs/reference/recipe.schema.json. */
export function recipeSchemaFile(): string {
  return `${JSON.stringify(recipeJsonSchema(), null, 2)}\n`;
}

function section(name: string, schema: Schema): string {
  const forms = schema.oneOf ?? schema.anyOf;
  const said = schema.description === undefined ? '' : `${schema.description}\n\n`;
  const body = forms === undefined ? tableOf(schema) : forms.map(formOf).join('\n');
  return `## ${name}\n\n${said}${body}`;
}

function formOf(form: Schema): string {
  if (form.properties === undefined) return `- ${typeOf(form)}\n`;
  const [[name = '', first] = []] = Object.entries(form.properties);
  const title = first?.const === undefined ? 'an object' : `\`${name}: ${String(first.const)}\``;
  const rest = Object.entries(form.properties).filter(([, property]) => property.const === undefined);
  const said = form.description === undefined ? '' : ` ${form.description}`;
  const table = rest.length === 0 ? '' : `\n${tableOf({ ...form, properties: Object.fromEntries(rest) })}`;
  return `- ${title}.${said}\n${table}`;
}

function tableOf({ properties = {}, required = [] }: Schema): string {
  const rows = Object.entries(properties).map(([name, property]) => {
    const needed = required.includes(name) ? 'needed' : shownDefault(property.default);
    return `| \`${name}\` | ${typeOf(property)} | ${needed} | ${cell(meaningOf(property))} |`;
  });
  return `| word | form | default | meaning |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

function meaningOf(property: Schema): string {
  const inner =
    property.properties === undefined
      ? ''
      : Object.entries(property.properties)
          .map(([name, part]) => `\`${name}\` (${typeOf(part)}): ${part.description ?? ''}`)
          .join(' ');
  return [property.description ?? '', inner].filter((text) => text !== '').join(' ');
}

function shownDefault(value: unknown): string {
  return value === undefined ? '–' : `\`${JSON.stringify(value)}\``;
}

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.replace('#/$defs/', '');
    if (name.startsWith('__')) return 'JSON';
    return name === 'path' ? '[path](#paths)' : `[${name}](#${name})`;
  }
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  const forms = schema.oneOf ?? schema.anyOf;
  if (forms !== undefined) return [...new Set(forms.map(typeOf))].join(' or ');
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}`;
  if (schema.type === 'object' && typeof schema.additionalProperties === 'object') {
    return `${typeOf(schema.additionalProperties)} by name`;
  }
  const words: Record<string, string> = {
    string: 'text',
    integer: 'whole number',
    boolean: 'true, false',
    null: 'null',
  };
  return words[schema.type ?? ''] ?? schema.type ?? 'any';
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;');
}

const head = `# Recipes

<!-- Made by \`npm run docs\` from src/connectors/recipe/schema/ and scripts/write-recipe-page.ts: edit there. -->

A recipe is an integration that is data: a YAML or JSON file that says how a POS is asked and how its answers become items. To
everything else it is a connector like any other. [The tutorial](../tutorial/first-recipe.md) writes one; the vocabulary is closed, so
that a recipe cannot loop, call out, or compute. Editors complete and check it with [recipe.schema.json](recipe.schema.json): begin the file with
\`# yaml-language-server: $schema=\` and its path. What is wrong with a recipe is said with its place, e.g.
\`requests[0].products.each[1].path\` ([recipe_invalid](errors.md#recipe_invalid)).

## Paths

Where something stands in an answer is said by a path, which is a part of [JMESPath](https://jmespath.org) without functions:

| path | reads |
|---|---|
| \`price.amount\` | a member of a member; missing is null |
| \`"Item Number"\`, \`name."en-US"\` | a member whose name is no plain word |
| \`prices[0]\`, \`prices[-1]\` | an element, from the begin or the end |
| \`menus[*].items[]\` | each element, and lists of lists as one |
| \`table.*\` | the values of an object |
| \`prices[?kind == 'base'] \\| [0].value\` | the first element for which something is true |
| \`pathId \\|\\| id\` | the first that is there: null, false, "", [] and {} are not, 0 is |
| \`!hidden && state == 'on'\` | true or false; numbers are compared by what they are worth |
| \`$menu.id\` | the element of a level above that is called so by \`as\` |
| \`$document.options\` | the whole page |
| \`@\` | the element itself |

Numbers keep their source text: ids of 20 digits and prices such as 1.10 lose nothing.

## Placeholders

\`{name}\` stands for a param of the config, and \`{run_date}\`, \`{run_time}\`, \`{run_instant}\` for the moment of the run (in the config's
\`time_zone\`; the instant in UTC). In addresses they are percent-encoded. The host never comes from a placeholder. A query member, header or
member of a body whose param is not said is left out. Every config of a recipe also knows \`base_url\`, \`currency\`, \`time_zone\` and
\`exclude_categories\`.

## Limits

One page is at most 64 MiB, and becomes at most 500,000 items in at most 50,000,000 steps ([recipe_too_much](errors.md#recipe_too_much)); a request
has at most 10,000 pages. A page is held in memory as a whole: for catalogs of hundreds of megabytes in one answer a recipe is not made.
What is past a limit fails the run, and changes nothing.
`;
