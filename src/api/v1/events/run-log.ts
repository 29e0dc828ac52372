// How a run went: its log, and the answers of the POS that it read.
import { createRoute, z } from '@hono/zod-openapi';
import { listRunPayloads } from '../../../records/payloads/list-run-payloads.ts';
import { listLog } from '../../../records/run-log/read-log.ts';
import type { ApiApp } from '../api-given.ts';
import { ownRun } from '../guards/own.ts';
import { ownRows, permits } from '../guards/permit.ts';
import { json, problems } from '../routes/responses.ts';
import { idParam, noQuery, pageQuery, pageSchema } from '../schemas/paging.ts';
import { logLineSchema, runPayloadSchema } from '../schemas/run-log-schema.ts';

const tags = ['runs'];

const logRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/runs/{id}/log',
  summary: 'What happened in the run, in order; never a secret',
  tags,
  request: { params: idParam, query: z.strictObject(pageQuery) },
  responses: { 200: json('A page of lines; 200 unless asked otherwise.', pageSchema(logLineSchema)), ...problems },
});

const payloadsRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/runs/{id}/payloads',
  summary: 'The answers of the POS that the run read, without their bodies',
  tags,
  request: { params: idParam, query: noQuery },
  responses: { 200: json('All of them, up to 1,000, in one page.', pageSchema(runPayloadSchema)), ...problems },
});

/** Registers both. */
export function addRunLogRoutes(app: ApiApp): void {
  app.openapi(logRoute, async (context) => {
    const { id: runId, source_id: sourceId } = await ownRun(context, context.req.valid('param').id);
    // A run for a whole company has no source and no log of its own.
    if (sourceId === null) return context.json({ data: [], next: null }, 200);
    return context.json(await listLog(ownRows(context), { sourceId, runId, ...context.req.valid('query') }), 200);
  });
  app.openapi(payloadsRoute, async (context) => {
    const { id: runId, source_id: sourceId } = await ownRun(context, context.req.valid('param').id);
    const data = sourceId === null ? [] : await listRunPayloads(ownRows(context), { sourceId, runId });
    return context.json({ data, next: null }, 200);
  });
}
