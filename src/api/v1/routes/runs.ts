// Runs: Sync History, one run, starting one, and the decision on a plan that waits.
import { createRoute, z } from '@hono/zod-openapi';
import { getConfig } from '../../../records/configs/read-configs.ts';
import { listRuns } from '../../../records/runs/read-runs.ts';
import { discardRun } from '../../../sync/approve-run.ts';
import { nodeUnknown } from '../../../sync/hierarchy/change-hierarchy.ts';
import { cancelRun } from '../../../sync/requests/cancel-run.ts';
import type { ApiApp } from '../api-given.ts';
import { runFilter } from '../details/detail-schemas.ts';
import { ownConfig, ownRun, ownRunToRedo, provePlace } from '../guards/own.ts';
import { engineFor, ownRows, permits, requestedByOf, triggerOf } from '../guards/permit.ts';
import { idParam, idSchema, noQuery, pageQuery, pageSchema } from '../schemas/paging.ts';
import { runSchema, startedRunSchema } from '../schemas/run-schema.ts';
import { json, jsonBody, onceHeaders, problems } from './responses.ts';
import { startApproval, startFanOut, startRun } from './start-run.ts';

const tags = ['runs'];

const listRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/runs',
  summary: 'Sync History, newest first',
  tags,
  request: {
    query: z.strictObject({
      ...pageQuery,
      ...runFilter,
      active: z.enum(['true']).optional().openapi({ description: 'Only runs that are queued or in progress.' }),
    }),
  },
  responses: { 200: json('A page of runs; 20 unless asked otherwise.', pageSchema(runSchema)), ...problems },
});

const holdsRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/holds',
  summary: 'Held runs that nobody decided on yet, newest first',
  tags: ['holds'],
  request: { query: z.strictObject({ ...pageQuery, source_id: idSchema.optional() }) },
  responses: { 200: json('A page of held runs; 20 unless asked otherwise.', pageSchema(runSchema)), ...problems },
});

const showRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/runs/{id}',
  summary: 'One run',
  tags,
  request: { params: idParam, query: noQuery },
  responses: { 200: json('The run.', runSchema), ...problems },
});

const newRunSchema = z
  .strictObject({
    dry_run: z.boolean().default(false).openapi({ description: 'Plan only; the plan can be approved.' }),
    full: z.boolean().default(false).openapi({ description: 'Compare every item, even of an unchanged answer.' }),
  })
  .openapi('NewRun');

const startRoute = createRoute({
  ...permits('sync'),
  method: 'post',
  path: '/v1/configs/{id}/runs',
  summary: 'Sync a config now',
  description: 'At most one run per source is active: where one is, it is answered (200) and nothing is started.',
  tags,
  request: {
    params: idParam,
    query: noQuery,
    headers: onceHeaders,
    ...jsonBody(newRunSchema, false),
  },
  responses: {
    202: json('Started; Location names the run.', startedRunSchema),
    200: json('A run of this source is active already; Location names it.', startedRunSchema),
    ...problems,
  },
});

const levels = { concepts: 'concept', companies: 'company' } as const;
const fanOutRoute = createRoute({
  ...permits('sync'),
  method: 'post',
  path: '/v1/{level}/{id}/runs',
  summary: 'Sync every source of a concept or a company once',
  description: 'The answer is the parent run; its children carry its id as parent_id, and it ends when they have.',
  tags,
  request: {
    params: z.object({ level: z.enum(['concepts', 'companies']), id: z.coerce.number().int().positive() }),
    query: noQuery,
    headers: onceHeaders,
    ...jsonBody(newRunSchema, false),
  },
  responses: { 202: json('The parent; Location names it.', runSchema), ...problems },
});

const approveRoute = createRoute({
  ...permits('sync'),
  method: 'post',
  path: '/v1/runs/{id}/approve',
  summary: 'Apply the plan of a held or dry run, exactly as it was shown',
  tags,
  request: {
    params: idParam,
    query: noQuery,
    headers: onceHeaders,
    ...jsonBody(
      z
        .strictObject({
          confirm: z
            .int()
            .min(0)
            .optional()
            .openapi({ description: 'Changes of the plan: created + updated + removed + restored. Else refused.' }),
        })
        .openapi('Approval'),
      false,
    ),
  },
  responses: { 202: json('The run that applies it; Location names it.', runSchema), ...problems },
});

const discardRoute = createRoute({
  ...permits('sync'),
  method: 'post',
  path: '/v1/runs/{id}/discard',
  summary: 'Close a held or dry run without writing anything',
  tags,
  request: { params: idParam, query: noQuery, headers: onceHeaders },
  responses: { 200: json('The closed run.', runSchema), ...problems },
});

const cancelRoute = createRoute({
  ...permits('sync'),
  method: 'post',
  path: '/v1/runs/{id}/cancel',
  summary: 'End a run that waits or is under way; a save is whole or not at all',
  description:
    'The answer is the run as it then stands: cancelled, or in progress until its worker looks (two seconds).',
  tags,
  request: { params: idParam, query: noQuery, headers: onceHeaders },
  responses: { 200: json('The run.', runSchema), ...problems },
});

/** Registers the routes of runs and holds. */
export function addRunRoutes(app: ApiApp): void {
  app.openapi(listRoute, async (context) => {
    const { config_id, source_id, parent_id, active, ...filter } = context.req.valid('query');
    const of = { configId: config_id, sourceId: source_id, parentId: parent_id, active: active === 'true' };
    return context.json(await listRuns(ownRows(context), { ...filter, ...of }), 200);
  });
  app.openapi(holdsRoute, async (context) => {
    const { limit, cursor, source_id } = context.req.valid('query');
    return context.json(await listRuns(ownRows(context), { limit, cursor, sourceId: source_id, openHold: true }), 200);
  });
  app.openapi(showRoute, async (context) => context.json(await ownRun(context, context.req.valid('param').id), 200));
  app.openapi(startRoute, async (context) => {
    const { dry_run, full } = context.req.valid('json');
    const { id: configId } = await ownConfig(context, context.req.valid('param').id);
    const { run, alreadyActive } = await startRun(engineFor(context), {
      configId,
      requestedBy: requestedByOf(context),
      trigger: triggerOf(context),
      dryRun: dry_run ?? false,
      compareAll: full ?? false,
    });
    context.header('location', `/api/v1/runs/${run.id}`);
    return context.json({ ...run, already_active: alreadyActive }, alreadyActive ? 200 : 202);
  });
  app.openapi(fanOutRoute, async (context) => {
    const { level, id } = context.req.valid('param');
    const { dry_run, full } = context.req.valid('json');
    await provePlace(context, { level: levels[level], id }, () => nodeUnknown(levels[level], id));
    const rows = ownRows(context);
    const run = await startFanOut(engineFor(context), {
      level: levels[level],
      id,
      // A config may name this company and still be of a site elsewhere.
      isOwn: async (configId) => (await getConfig(rows, configId)) !== null,
      requestedBy: requestedByOf(context),
      trigger: triggerOf(context),
      dryRun: dry_run ?? false,
      compareAll: full ?? false,
    });
    context.header('location', `/api/v1/runs/${run.id}`);
    return context.json(run, 202);
  });
  app.openapi(approveRoute, async (context) => {
    const { id: runId } = await ownRunToRedo(context, context.req.valid('param').id);
    const run = await startApproval(engineFor(context), {
      runId,
      requestedBy: requestedByOf(context),
      confirm: context.req.valid('json').confirm,
    });
    context.header('location', `/api/v1/runs/${run.id}`);
    return context.json(run, 202);
  });
  app.openapi(discardRoute, async (context) => {
    const { id: runId } = await ownRun(context, context.req.valid('param').id);
    return context.json(await discardRun(engineFor(context), { runId, requestedBy: requestedByOf(context) }), 200);
  });
  app.openapi(cancelRoute, async (context) => {
    const { id: runId } = await ownRun(context, context.req.valid('param').id);
    return context.json(await cancelRun(engineFor(context), { runId, requestedBy: requestedByOf(context) }), 200);
  });
}
