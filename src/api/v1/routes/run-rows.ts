// What belongs to one run: its changes, its rejects, its repeated keys, and its events while it goes on.
import { createRoute, z } from '@hono/zod-openapi';
import { listChanges } from '../../../records/runs/read-changes.ts';
import { listDuplicates, listRejects } from '../../../records/runs/read-rejects.ts';
import type { ApiApp, ApiGiven } from '../api-given.ts';
import { changeFilter } from '../details/detail-schemas.ts';
import { eventHeaders } from '../events/event-stream.ts';
import { runStream } from '../events/run-stream.ts';
import { stateOf } from '../events/watch-runs.ts';
import { ownRun } from '../guards/own.ts';
import { ownRows, permits } from '../guards/permit.ts';
import { isStillAllowed } from '../guards/still-allowed.ts';
import { idParam, noQuery, pageQuery, pageSchema } from '../schemas/paging.ts';
import { changeSchema, duplicateSchema, rejectSchema } from '../schemas/run-schema.ts';
import { json, problems } from './responses.ts';

const tags = ['runs'];
const request = { params: idParam, query: z.strictObject(pageQuery) };
const preset = '100 unless asked otherwise';

const changesRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/runs/{id}/changes',
  summary: 'What the run changed, or would change, field by field',
  tags,
  request: { params: idParam, query: z.strictObject({ ...pageQuery, ...changeFilter }) },
  responses: { 200: json(`A page of changes; ${preset}.`, pageSchema(changeSchema)), ...problems },
});

const rejectsRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/runs/{id}/rejects',
  summary: 'Items that could not be saved, with the reason and the value of the POS',
  tags,
  request,
  responses: { 200: json(`A page of rejects; ${preset}.`, pageSchema(rejectSchema)), ...problems },
});

const duplicatesRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/runs/{id}/duplicates',
  summary: 'Keys that came more than once in one fetch',
  tags,
  request,
  responses: { 200: json(`A page of repeated keys; ${preset}.`, pageSchema(duplicateSchema)), ...problems },
});

const eventsRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/runs/{id}/events',
  summary: 'The run as server-sent events',
  description:
    'An event `run` with the JSON of the run at once and whenever it changed, a comment every 15 s, and the end of the stream after the end of the run. Last-Event-ID goes on where a stream broke off.',
  tags,
  request: {
    params: idParam,
    query: noQuery,
    headers: z.object({ 'last-event-id': z.string().max(100).optional() }),
  },
  responses: {
    200: { description: 'Events until the run ends.', content: { 'text/event-stream': { schema: z.string() } } },
    ...problems,
  },
});

/** Registers the routes of what belongs to a run. */
export function addRunRowRoutes(app: ApiApp, given: ApiGiven): void {
  app.openapi(changesRoute, async (context) => {
    const run = await ownRun(context, context.req.valid('param').id);
    return context.json(await listChanges(ownRows(context), run.id, context.req.valid('query')), 200);
  });
  app.openapi(rejectsRoute, async (context) => {
    const run = await ownRun(context, context.req.valid('param').id);
    return context.json(await listRejects(ownRows(context), run.id, context.req.valid('query')), 200);
  });
  app.openapi(duplicatesRoute, async (context) => {
    const run = await ownRun(context, context.req.valid('param').id);
    return context.json(await listDuplicates(ownRows(context), run.id, context.req.valid('query')), 200);
  });
  addEventsRoute(app, given);
}

function addEventsRoute(app: ApiApp, given: ApiGiven): void {
  const { stopping = new AbortController().signal, heartbeatMs = 15_000 } = given.options;
  app.openapi(eventsRoute, async (context) => {
    const run = await ownRun(context, context.req.valid('param').id);
    // Nobody would read, or end, the stream of a HEAD.
    if (context.req.raw.method === 'HEAD') return new Response(null, { headers: eventHeaders });
    const stream = runStream({
      watch: given.watch,
      first: stateOf(run),
      lastEventId: context.req.valid('header')['last-event-id'],
      signal: stopping,
      heartbeatMs,
      isAllowed: () => isStillAllowed(context, run.id),
      onEnd: given.seats.take(),
    });
    return new Response(stream, { headers: eventHeaders });
  });
}
