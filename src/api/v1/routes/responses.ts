// How routes describe their answers in the OpenAPI document.
import { z } from '@hono/zod-openapi';
import { problemSchema } from '../schemas/problem-schema.ts';

/** An answer with a JSON body. */
export function json<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { 'application/json': { schema } } };
}

/** Every answer that is not one of the route's own. */
export const problems = {
  default: {
    description: 'Why not, as problem+json.',
    content: { 'application/problem+json': { schema: problemSchema } },
  },
};

/** A request body of JSON. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema, required = true) {
  return { body: { required, content: { 'application/json': { schema } } } };
}

/** What every POST takes beside its own: the key under which it happens once. */
export const onceHeaders = z.object({
  'idempotency-key': z
    .string()
    .optional()
    .openapi({ description: 'Any text of 1 to 255 characters: the same request under it is done once in 24 hours.' }),
});
