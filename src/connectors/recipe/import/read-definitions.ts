// Reads the source definitions of the original: a JSON list of rows, whatever else stands in them.
import { z } from 'zod';
import { inputError } from '../../../errors.ts';
import { parseJson } from '../../../json.ts';

const names = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);

const definitionSchema = z.object({
  name: z.string().min(1),
  integration_type: z.string().min(1),
  base_url_template: z.string().min(1),
  auth_method: z.enum(['none', 'api_key', 'bearer_token', 'basic_auth', 'custom']).nullish(),
  required_config_fields: names,
  optional_config_fields: names,
});

/** One row of the original's wand_integration_sources, as far as it matters. */
export type Definition = z.output<typeof definitionSchema>;

/** A list of rows, or {data: [rows]}. Throws TillsyncError definitions_invalid. */
export function readDefinitions(text: string): Definition[] {
  const parsed = z
    .union([z.array(definitionSchema), z.object({ data: z.array(definitionSchema) })])
    .safeParse(jsonOf(text));
  if (parsed.success) return Array.isArray(parsed.data) ? parsed.data : parsed.data.data;
  throw inputError(
    'definitions_invalid',
    'The file is no list of source definitions of the original.',
    'Each needs name, integration_type and base_url_template: export wand_integration_sources of the original as JSON.',
  );
}

function jsonOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
