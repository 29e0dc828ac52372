// What explains one run: the settings that it used, the runs around it, and what the POS answered.
import { createRoute, z } from '@hono/zod-openapi';
import { readAround } from '../../../records/runs/detail/read-around.ts';
import { readRunSettings } from '../../../records/runs/detail/run-settings.ts';
import { exportPayload } from '../../../sync/exports/export-payload.ts';
import type { ApiApp } from '../api-given.ts';
import { ownRun } from '../guards/own.ts';
import { engineFor, ownRows, permits } from '../guards/permit.ts';
import { json, problems } from '../routes/responses.ts';
import { idParam, noQuery } from '../schemas/paging.ts';
import { aroundSchema, runSettingsSchema } from './detail-schemas.ts';
import { fileAnswer } from './file-answer.ts';

const tags = ['runs'];

const settingsRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/runs/{id}/settings',
  summary: 'The settings that the run used, with who set them; of secrets only their names',
  tags,
  request: { params: idParam, query: noQuery },
  responses: { 200: json('The settings.', runSettingsSchema), ...problems },
});

const aroundRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/runs/{id}/around',
  summary: 'Its other tries, and the runs of the same source before and after it',
  tags,
  request: { params: idParam, query: noQuery },
  responses: { 200: json('The runs around it.', aroundSchema), ...problems },
});

const mostLooked = 1_048_576;

const payloadRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/runs/{id}/payloads/{page}',
  summary: 'One stored answer of the POS, as its bytes; secrets that it repeated were taken out when it came',
  description: 'The whole answer is an entry of the audit log; a look at its beginning is not.',
  tags,
  request: {
    params: idParam.extend({ page: z.coerce.number().int().min(0).max(2_147_483_647) }),
    query: z.strictObject({
      bytes: z.coerce.number().int().min(1).max(mostLooked).optional().openapi({ description: 'Only the beginning.' }),
    }),
  },
  responses: {
    200: { description: 'The bytes.', content: { 'application/octet-stream': { schema: z.string() } } },
    ...problems,
  },
});

/** Registers the routes. */
export function addRunDetailRoutes(app: ApiApp): void {
  app.openapi(settingsRoute, async (context) => {
    const { id } = await ownRun(context, context.req.valid('param').id);
    return context.json({ settings: await readRunSettings(ownRows(context), id) }, 200);
  });
  app.openapi(aroundRoute, async (context) => {
    const run = await ownRun(context, context.req.valid('param').id);
    return context.json(await readAround(ownRows(context), run), 200);
  });
  app.openapi(payloadRoute, async (context) => {
    const { id, page } = context.req.valid('param');
    const run = await ownRun(context, id);
    const { bytes } = context.req.valid('query');
    const file = await exportPayload(engineFor(context), { run, page, bytes, rows: ownRows(context) });
    return fileAnswer(file, { name: `run-${run.id}-page-${page}.txt`, type: 'application/octet-stream' });
  });
}
