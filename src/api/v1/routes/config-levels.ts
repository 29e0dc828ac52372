// Configs and their levels: which level set what, what a change would do, and removing one.
import { createRoute, z } from '@hono/zod-openapi';
import { explainConfig } from '../../../sync/configs/explain-config.ts';
import { removeConfig } from '../../../sync/configs/remove-config.ts';
import { whatIf } from '../../../sync/configs/what-if.ts';
import { nextTimes } from '../../../sync/schedule/set-schedule.ts';
import type { ApiApp } from '../api-given.ts';
import { ownConfig } from '../guards/own.ts';
import { refuseForeignSecrets } from '../guards/own-secrets.ts';
import { refuseForeignSource } from '../guards/own-source.ts';
import { engineFor, permits, requestedByOf } from '../guards/permit.ts';
import { configSchema, nextTimesSchema, scheduleChangeOf } from '../schemas/config-schemas.ts';
import { explanationSchema, whatIfSchema } from '../schemas/level-schemas.ts';
import { idParam, noQuery } from '../schemas/paging.ts';
import { json, jsonBody, onceHeaders, problems } from './responses.ts';

const tags = ['configs'];
const one = { params: idParam, query: noQuery };

const removeRoute = createRoute({
  ...permits('admin'),
  method: 'delete',
  path: '/v1/configs/{id}',
  summary: 'Remove a config with its secrets; its source, rows and runs stay',
  tags,
  request: one,
  responses: { 200: json('What was removed.', configSchema), ...problems },
});

const explainRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/configs/{id}/explain',
  summary: 'Which level set what: every setting, where it comes from and what it hides',
  tags,
  request: one,
  responses: { 200: json('The explanation; never a secret.', explanationSchema), ...problems },
});

const whatIfRoute = createRoute({
  ...permits('read'),
  method: 'post',
  path: '/v1/configs/{id}/what-if',
  summary: 'What a change of its params would do to it and to the configs below it; writes nothing',
  tags,
  request: {
    ...one,
    headers: onceHeaders,
    ...jsonBody(
      z.strictObject({
        params: z.record(z.string(), z.unknown()).openapi({ description: 'As in a change: null takes one away.' }),
      }),
    ),
  },
  responses: { 200: json('What would become of each config.', whatIfSchema), ...problems },
});

const nextTimesRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/configs/{id}/next-times',
  summary: 'When it will be due next, by its own schedule or by one that is asked about; sets nothing',
  tags,
  request: {
    params: idParam,
    query: z.strictObject({
      every_minutes: z.coerce.number().int().optional(),
      cron: z.string().max(200).optional(),
      time_zone: z.string().max(100).optional().openapi({ description: 'With cron; default: its own, else UTC.' }),
    }),
  },
  responses: { 200: json('The next five times; [] = no schedule.', nextTimesSchema), ...problems },
});

/** Registers these routes. */
export function addConfigLevelRoutes(app: ApiApp): void {
  app.openapi(removeRoute, async (context) => {
    const { id: configId } = await ownConfig(context, context.req.valid('param').id);
    const admitSecrets = refuseForeignSecrets(context);
    const remove = { configId, requestedBy: requestedByOf(context), admitSecrets };
    return context.json(await removeConfig(engineFor(context), remove), 200);
  });
  app.openapi(explainRoute, async (context) => {
    const { id } = await ownConfig(context, context.req.valid('param').id);
    return context.json(await explainConfig(engineFor(context), id), 200);
  });
  app.openapi(nextTimesRoute, async (context) => {
    const { id } = await ownConfig(context, context.req.valid('param').id);
    const { every_minutes, cron, time_zone } = context.req.valid('query');
    const change = scheduleChangeOf(
      cron !== undefined ? { cron, time_zone } : every_minutes === undefined ? undefined : { every_minutes },
    );
    const { times, timeZone } = await nextTimes(engineFor(context).database, id, { change, count: 5 });
    return context.json({ time_zone: timeZone, times: times.map((time) => time.toISOString()) }, 200);
  });
  app.openapi(whatIfRoute, async (context) => {
    const { params } = context.req.valid('json');
    const { id: configId } = await ownConfig(context, context.req.valid('param').id);
    return context.json(
      await whatIf(engineFor(context), { configId, params, admit: refuseForeignSource(context) }),
      200,
    );
  });
}
