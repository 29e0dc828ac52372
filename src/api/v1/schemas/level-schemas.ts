// What levels do to a config: its explanation, and the effects of a change.
import { z } from '@hono/zod-openapi';
import type {
  ConfigExplanation,
  ExplainedLimit,
  ExplainedParam,
  ExplainedSecret,
  SetBy,
} from '../../../sync/configs/explain-config.ts';
import type { ConfigEffect, WhatIf } from '../../../sync/configs/what-if.ts';
import { levelSchema, secretSchema } from './config-schemas.ts';

const setBy = { config_id: z.string(), name: z.string(), level: levelSchema } satisfies Record<keyof SetBy, z.ZodType>;
const identity = z.record(z.string(), z.string()).nullable();

const explainedParam = z.object({
  name: z.string(),
  value: z.unknown(),
  from: z.object(setBy).nullable().openapi({ description: "null = the connector's default." }),
  is_identity: z.boolean().openapi({ description: 'It decides the source.' }),
  hides: z
    .array(z.object({ ...setBy, value: z.unknown() }))
    .openapi({ description: 'What less specific levels say, the nearest first.' }),
} satisfies Record<keyof ExplainedParam, z.ZodType>);

const explainedSecret = z.object({
  name: z.string(),
  ...secretSchema.shape,
  from: z.object(setBy),
  hides: z.array(z.object(setBy)),
} satisfies Record<keyof ExplainedSecret, z.ZodType>);

const explainedLimit = z.object({
  name: z.string(),
  value: z.union([z.boolean(), z.number()]),
  preset: z.union([z.boolean(), z.number()]).openapi({ description: 'What holds where the config says nothing.' }),
} satisfies Record<keyof ExplainedLimit, z.ZodType>);

export const explanationSchema = z
  .object({
    config_id: z.string(),
    name: z.string(),
    connector_id: z.string(),
    level: levelSchema,
    source_id: z.string().nullable(),
    identity,
    missing: z.array(z.string()),
    levels: z.array(z.object(setBy)).openapi({ description: 'From concept to site; the config itself last.' }),
    params: z.array(explainedParam),
    secrets: z.array(explainedSecret),
    guard: z.array(explainedLimit).openapi({ description: 'Shares are between 0 and 1.' }),
  } satisfies Record<keyof ConfigExplanation, z.ZodType>)
  .openapi('ConfigExplanation');

const side = z.object({
  runnable: z.boolean(),
  missing: z.array(z.string()),
  identity,
  source_id: z.string().nullable().openapi({ description: 'null = there is none with this identity yet.' }),
});

const effect = z.object({
  config_id: z.string(),
  name: z.string(),
  level: levelSchema,
  before: side,
  after: side,
  changes_identity: z.boolean().openapi({ description: 'The change asks for move or new_source.' }),
  changes_runnable: z.boolean(),
  conflict: z
    .object({ config_id: z.string(), name: z.string() })
    .nullable()
    .openapi({ description: 'Another active config that reads the source: the change would be refused.' }),
} satisfies Record<keyof ConfigEffect, z.ZodType>);

export const whatIfSchema = z
  .object({ config_id: z.string(), effects: z.array(effect) } satisfies Record<keyof WhatIf, z.ZodType>)
  .openapi('WhatIf');
