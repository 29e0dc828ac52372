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

/** The body as `schema` describes it. Throws TillsyncError body_invalid (400) naming the first field that is wrong. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.map(String).join('.') ?? '';
  const where = field === '' ? 'The body' : `The field ${field}`;
  throw new TillsyncError(`${where} is not usable: ${lowerFirst(issue?.message ?? 'it has another shape')}.`, {
    code: 'body_invalid',
    step: 'validation',
    hint: 'The bodies are described in docs/reference/edge-functions.md.',
    facts: { field },
  });
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
