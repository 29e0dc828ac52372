// What a recipe may say: the closed vocabulary, from which the published JSON schema and its reference page are made.
import { z } from 'zod';
import { authSchema } from './auth-schema.ts';
import { mappingSchema } from './mapping-schema.ts';
import { expressionSchema } from './text-schema.ts';

const template = z.string().max(2_000);

const paramSchema = z
  .strictObject({
    title: z.string().min(1).max(60).optional().describe('Its label in the settings form; default: its name in words.'),
    description: z.string().optional().describe('Shown in the settings form.'),
    default: template
      .optional()
      .describe('Used where a config does not say it; may hold {run_date}, {run_time}, {run_instant}.'),
    required: z
      .boolean()
      .default(true)
      .describe('false: what it stands in is left out where a config does not say it.'),
    values: z.array(z.string()).min(1).optional().describe('The only values that it may have.'),
  })
  .describe('One setting of a config, for use as {name}.')
  .meta({ id: 'param' });

const cursorPages = z
  .strictObject({
    by: z.literal('cursor'),
    from: expressionSchema.describe('Where a page says the cursor of the next one; none, null or "" = it is the last.'),
    param: z.string().min(1).describe('Name under which the next page is asked for.'),
    stop_when: expressionSchema.optional().describe('What is true on the last page, e.g. !has_more.'),
  })
  .describe('Each page says the cursor of the next one.');

const counted = {
  items: expressionSchema.describe('The list whose elements are counted.'),
  param: z.string().min(1).describe('Name of the offset or page number.'),
  size_param: z.string().min(1).optional().describe('Name of the page size.'),
  size: z.int().min(1).max(100_000).optional().describe('Page size to ask for.'),
  short_page_ends: z
    .boolean()
    .default(false)
    .describe('true: a page with fewer than `size` elements is the last. Only where the vendor promises full pages.'),
  stop_when: expressionSchema.optional().describe('What is true on the last page.'),
};

const offsetPages = z
  .strictObject({ by: z.literal('offset'), ...counted, start: z.int().min(0).default(0) })
  .describe('The next page begins behind the elements that came. An empty page is the last.');

const numberedPages = z
  .strictObject({
    by: z.literal('page'),
    ...counted,
    start: z.int().min(0).default(1).describe('Number of the first page.'),
    pages: expressionSchema.optional().describe('Where a page says how many there are.'),
  })
  .describe('Pages are numbered. An empty page is the last, or the one whose number `pages` says.');

const linkedPages = z
  .strictObject({
    by: z.literal('next_link'),
    from: expressionSchema
      .optional()
      .describe('Where a page says the address of the next one; without it the header Link (rel=next).'),
  })
  .describe('Each page says the address of the next one; it must lie at the origin of the base URL.');

const pagesSchema = z
  .discriminatedUnion('by', [
    z.strictObject({ by: z.literal('none') }).describe('One answer is everything.'),
    cursorPages,
    offsetPages,
    numberedPages,
    linkedPages,
  ])
  .describe('How the pages of a request follow each other.')
  .meta({ id: 'pages' })
  .default({ by: 'none' });

const completeSchema = z
  .discriminatedUnion('when', [
    z.strictObject({ when: z.literal('last_page') }).describe('The last page has come whole.'),
    z
      .strictObject({
        when: z.literal('total'),
        total: expressionSchema.describe('Where a page says how many elements there are in all.'),
        items: expressionSchema.describe('The list whose elements are counted.'),
      })
      .describe(
        'As many elements came as the POS says that there are. With pages by offset or page it also ends them.',
      ),
    z
      .strictObject({
        when: z.literal('end_marker'),
        marker: expressionSchema.describe('What is true on the last page.'),
      })
      .describe('The last page bears a sign of its own.'),
  ])
  .describe('What proves that a fetch saw everything; without the proof nothing is removed by absence.')
  .meta({ id: 'complete' })
  .default({ when: 'last_page' });

export type Body = string | number | boolean | null | Body[] | { [key: string]: Body };
const bodySchema: z.ZodType<Body> = z.lazy(() =>
  z.union([template, z.number(), z.boolean(), z.null(), z.array(bodySchema), z.record(z.string(), bodySchema)]),
);

const kindSchema = z
  .union([mappingSchema, z.array(mappingSchema).min(1).max(20)])
  .describe('How items of this kind are read from a page; several mappings where they stand in several places.');

const requestSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,40}$/)
      .optional()
      .describe('Needed where there are several requests.'),
    method: z.enum(['GET', 'POST']).default('GET'),
    path: template.default('').describe('Below the base URL, e.g. /menus/{store}. Placeholders are percent-encoded.'),
    query: z
      .record(z.string(), z.union([template, z.number(), z.boolean()]))
      .default({})
      .describe('Query members, in order.'),
    headers: z.record(z.string(), template).default({}),
    body: z
      .record(z.string(), bodySchema)
      .optional()
      .describe('Members of what a POST sends. A text that is one {number:name} is sent as a number.'),
    send: z
      .enum(['json', 'form'])
      .default('json')
      .describe(
        'How a POST sends them: as JSON, or as form fields (application/x-www-form-urlencoded), which are flat.',
      ),
    pages: pagesSchema,
    complete: completeSchema,
    fails_when: z
      .array(expressionSchema)
      .default([])
      .describe('What is true in an answer that reports an error with HTTP 200.'),
    products: kindSchema.optional(),
    modifiers: kindSchema.optional(),
    discounts: kindSchema.optional(),
  })
  .describe('One request, its pages, and the items in them.')
  .meta({ id: 'request' });

const secretless = /^[a-z][a-z0-9_]{0,40}$/;

/** A recipe as a file says it. */
export const recipeSchema = z
  .strictObject({
    recipe: z.literal(1).describe('Version of this format.'),
    id: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,40}$/)
      .describe('Name of the connector: tillsync configs add --connector <id>.'),
    title: z.string().min(1).max(100).describe('Shown to people.'),
    version: z
      .int()
      .min(1)
      .default(1)
      .describe('Raise it when the mapping changes, so that equal answers are formatted again.'),
    description: z.string().optional(),
    draft: z.string().min(1).optional().describe('Why it cannot run yet. A draft is checked, listed, and never run.'),
    base_url: z
      .string()
      .regex(/^https?:\/\/[^{}]+$/, 'must be an address without placeholders: the host is never made of a param')
      .optional()
      .describe('Address of the API. A config may say another base_url; without it here, it must.'),
    original: z
      .strictObject({
        type: z.string().min(1).describe('integration_type in the original.'),
        host: z
          .string()
          .regex(/^[a-z0-9-]*\{wand_domain\}$/)
          .describe('Host of its URL template, e.g. shift4-{wand_domain}.'),
        exclude_categories: z
          .array(z.string().min(1))
          .default([])
          .describe('What the original left out without saying so.'),
      })
      .optional()
      .describe('Which source definition of the original it replaces; adopted configs get their base URL from it.'),
    params: z.record(z.string().regex(secretless), paramSchema).default({}),
    identity: z
      .array(z.string())
      .min(1)
      .describe('Params that name the catalog: equal ones at one origin are one source.'),
    auth: authSchema,
    rate: z
      .strictObject({
        requests: z.int().min(1),
        per_seconds: z.number().positive(),
        burst: z.int().min(1).default(1),
      })
      .optional()
      .describe('What the POS allows one credential.'),
    removal: z
      .enum(['absence', 'tombstone', 'never'])
      .describe(
        'absence: what a complete fetch does not hold is removed. tombstone: what the POS says is gone (removed_when).',
      ),
    volatile: z
      .array(z.string())
      .default([])
      .describe('Top-level members of an answer that change without meaning, e.g. a time; only with one request.'),
    incremental: z
      .strictObject({
        cursor: expressionSchema.describe('Where the first page says from when on changes are asked for next time.'),
        query: z.record(z.string(), template).describe('Added to each request that asks for changes; holds {cursor}.'),
      })
      .optional()
      .describe('How changes only are asked for. Whole reads come in between, and find removals by absence.'),
    requests: z.array(requestSchema).min(1).max(20),
  })
  .describe('A tillsync recipe: an integration that is data.');

export type Recipe = z.output<typeof recipeSchema>;
export type RecipeRequest = Recipe['requests'][number];
