// What the catalog lint found, as the API answers it.
import { z } from '@hono/zod-openapi';
import type { Finding } from '../../../catalog/lint/lint-catalog.ts';
import { type LintRuleName, lintRules, severities } from '../../../catalog/lint/lint-rules.ts';
import type { LintReport } from '../../../sync/check/lint-source.ts';
import { kindSchema } from './run-schema.ts';

const ruleSchema = z.enum(Object.keys(lintRules) as [LintRuleName, ...LintRuleName[]]);

const findingSchema = z.object({
  rule: ruleSchema,
  severity: z.enum(severities),
  kind: kindSchema,
  external_id: z.string().nullable().openapi({ description: 'Null where it is about a group.' }),
  path_id: z.string().nullable(),
  name: z.string().nullable(),
  message: z.string(),
} satisfies Record<keyof Finding, z.ZodType>);

export const lintReportSchema = z
  .object({
    source_id: z.string(),
    findings: z.array(findingSchema).openapi({ description: 'Errors first; of one rule at most 200.' }),
    counts: z.record(z.string(), z.int()).openapi({ description: 'How often each rule found something.' }),
    items: z.int().openapi({ description: 'Live items that were looked at.' }),
    off: z.array(ruleSchema).openapi({ description: 'Rules that the config of the source switches off.' }),
  } satisfies Record<keyof LintReport, z.ZodType>)
  .openapi('LintReport');
