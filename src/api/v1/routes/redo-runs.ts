// Retry and replay: a run done over, with a new answer of the POS or with the one that is stored.
import { createRoute, z } from '@hono/zod-openapi';
import type { ApiApp } from '../api-given.ts';
import { ownRunToRedo } from '../guards/own.ts';
import { engineFor, permits, requestedByOf } from '../guards/permit.ts';
import { idParam, noQuery } from '../schemas/paging.ts';
import { startedRunSchema } from '../schemas/run-schema.ts';
import { json, jsonBody, onceHeaders, problems } from './responses.ts';
import { startRedo } from './start-run.ts';

const redoSchema = z
  .strictObject({ dry_run: z.boolean().optional().openapi({ description: 'Plan only; the plan can be approved.' }) })
  .openapi('Redo');

const redo = {
  method: 'post' as const,
  tags: ['runs'],
  request: { params: idParam, query: noQuery, headers: onceHeaders, ...jsonBody(redoSchema, false) },
  responses: {
    202: json('Started; Location names the run.', startedRunSchema),
    200: json('A run of this source is active already; Location names it.', startedRunSchema),
    ...problems,
  },
};

const retryRoute = createRoute({
  ...permits('sync'),
  ...redo,
  path: '/v1/runs/{id}/retry',
  summary: 'Ask the POS again, as a failed, interrupted or cancelled run did',
});

const replayRoute = createRoute({
  ...permits('sync'),
  ...redo,
  path: '/v1/runs/{id}/replay',
  summary: "Save a run's stored answer again with today's mapping, without asking the POS",
  description: 'Through plan and guard as any run; 409 when the answer is no longer stored.',
});

/** Registers both. */
export function addRedoRoutes(app: ApiApp): void {
  for (const [how, route] of [['retry', retryRoute] as const, ['replay', replayRoute] as const]) {
    app.openapi(route, async (context) => {
      const { id: runId } = await ownRunToRedo(context, context.req.valid('param').id);
      const { run, alreadyActive } = await startRedo(engineFor(context), {
        how,
        runId,
        requestedBy: requestedByOf(context),
        dryRun: context.req.valid('json').dry_run,
      });
      context.header('location', `/api/v1/runs/${run.id}`);
      return context.json({ ...run, already_active: alreadyActive }, alreadyActive ? 200 : 202);
    });
  }
}
