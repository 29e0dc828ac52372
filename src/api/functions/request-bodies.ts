// The bodies that the edge functions accept, and the one sentence for a body that is not one of them.
import { z } from 'zod';
import { TillsyncError } from '../../errors.ts';

// Ids of adopted databases need not carry a version nibble, so any 8-4-4-4-12 text is an id.
const id = z.guid();
// Items are checked one by one when they are formatted: a bad one is rejected with its reason, not the whole body.
const items = z.array(z.unknown()).nullish();

export const configBody = z.object({ config_id: id });

export const formatBody = z.object({
  integration_type: z.string().min(1),
  data: z.unknown(),
  config_id: id.nullish(),
});

export const saveBody = z.object({
  config_id: id,
  // Whatever is not the config's source is answered as such (409), an id or not.
  source_id: z.string().nullish(),
  formatted_data: z.object({ products: items, modifiers: items, discounts: items }),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  mode: z.enum(['merge', 'full']).default('merge'),
});

type Issue = z.core.$ZodIssue;

/** The body as `schema` describes it. Throws TillsyncError body_invalid (400) naming the first field that is wrong. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0] as Issue;
  const field = issue.path.map(String).join('.');
  const where = field === '' ? 'The body' : `The field ${field}`;
  throw new TillsyncError(`${where} ${isMissing(issue, body) ? 'is missing' : `must be ${wanted(issue)}`}.`, {
    code: 'body_invalid',
    step: 'validation',
    hint: 'The bodies are described in docs/reference/edge-functions.md.',
    facts: { field },
  });
}

// Only an object has fields, so whatever stands above the field that an issue names is one.
function isMissing(issue: Issue, body: unknown): boolean {
  let value = body;
  for (const name of issue.path) value = (value as Record<PropertyKey, unknown>)[name];
  return value === undefined;
}

const types: Readonly<Record<string, string>> = { object: 'an object', record: 'an object', array: 'a list' };

function wanted(issue: Issue): string {
  if (issue.code === 'invalid_value') return `one of ${issue.values.join(', ')}`;
  if (issue.code === 'invalid_format') return 'an id (a UUID)';
  return (issue.code === 'invalid_type' ? types[issue.expected] : undefined) ?? 'a text that is not empty';
}
