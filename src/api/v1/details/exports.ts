// What people take along: Sync History and the changes of a run, as files.
import { createRoute, z } from '@hono/zod-openapi';
import { exportChanges } from '../../../sync/exports/export-changes.ts';
import { exportRuns } from '../../../sync/exports/export-runs.ts';
import type { ApiApp } from '../api-given.ts';
import { ownRun } from '../guards/own.ts';
import { engineFor, ownRows, permits } from '../guards/permit.ts';
import { problems } from '../routes/responses.ts';
import { idParam } from '../schemas/paging.ts';
import { changeFilter, runFilter } from './detail-schemas.ts';
import { exportAnswer, exportFile, exportFormat } from './file-answer.ts';

const tags = ['runs'];

const runsRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/runs/export',
  summary: 'Sync History as a file, newest first; the export is an entry of the audit log',
  tags,
  request: { query: z.strictObject({ ...runFilter, format: exportFormat }) },
  responses: { 200: exportAnswer, ...problems },
});

const changesRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/runs/{id}/changes/export',
  summary: 'What the run changed as a file: a line per field in CSV; the export is an entry of the audit log',
  tags,
  request: { params: idParam, query: z.strictObject({ ...changeFilter, format: exportFormat }) },
  responses: { 200: exportAnswer, ...problems },
});

/** Registers both; before the route of one run, whose id would be 'export'. */
export function addExportRoutes(app: ApiApp): void {
  app.openapi(runsRoute, async (context) => {
    const { format, config_id, source_id, parent_id, ...filter } = context.req.valid('query');
    const of = { ...filter, configId: config_id, sourceId: source_id, parentId: parent_id };
    const file = await exportRuns(engineFor(context), { filter: of, format, rows: ownRows(context) });
    return exportFile(file, { name: 'tillsync-runs', format });
  });
  app.openapi(changesRoute, async (context) => {
    const { format, ...filter } = context.req.valid('query');
    const run = await ownRun(context, context.req.valid('param').id);
    const file = await exportChanges(engineFor(context), { run, filter, format, rows: ownRows(context) });
    return exportFile(file, { name: `tillsync-changes-${run.id.slice(0, 8)}`, format });
  });
}
