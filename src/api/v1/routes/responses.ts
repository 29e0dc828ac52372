// How routes describe their answers in the OpenAPI document.
import type { z } from '@hono/zod-openapi';
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
