// What configs stand on: sources and connectors.
import { createRoute, z } from '@hono/zod-openapi';
import type { Connector } from '../../../connectors/connector.ts';
import { describeConnector } from '../../../connectors/describe-connector.ts';
import { TillsyncError } from '../../../errors.ts';
import { pageSources } from '../../../records/sources/read-sources.ts';
import { lintSource } from '../../../sync/check/lint-source.ts';
import { deleteSource, retireSource } from '../../../sync/hierarchy/retire-source.ts';
import { findConnector, listConnectors } from '../../../sync/recipes/find-connector.ts';
import type { ApiApp, ApiGiven } from '../api-given.ts';
import { ownSource } from '../guards/own.ts';
import { engineFor, ownRows, permits, requestedByOf } from '../guards/permit.ts';
import { connectorSchema, retiredSourceSchema, sourceSchema } from '../schemas/catalog-schemas.ts';
import { lintReportSchema } from '../schemas/lint-schema.ts';
import { idParam, noQuery, pageQuery, pageSchema } from '../schemas/paging.ts';
import { json, onceHeaders, problems } from './responses.ts';

const pageOnly = { query: z.strictObject(pageQuery) };
const one = { params: idParam, query: noQuery };

const sourcesRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/sources',
  summary: 'All sources by name, with their items and configs',
  tags: ['sources'],
  request: pageOnly,
  responses: { 200: json('A page of sources; 100 unless asked otherwise.', pageSchema(sourceSchema)), ...problems },
});

const sourceRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/sources/{id}',
  summary: 'One source',
  tags: ['sources'],
  request: one,
  responses: { 200: json('The source.', sourceSchema), ...problems },
});

const lintRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/sources/{id}/lint',
  summary: 'What is most likely wrong in the stored catalog of a source',
  tags: ['sources'],
  request: one,
  responses: { 200: json('The findings.', lintReportSchema), ...problems },
});

const retireRoute = createRoute({
  ...permits('admin'),
  method: 'post',
  path: '/v1/sources/{id}/retire',
  summary: 'Mark all rows of a source removed; a config that reads it again brings them back',
  tags: ['sources'],
  request: { ...one, headers: onceHeaders },
  responses: { 200: json('What was marked removed.', retiredSourceSchema), ...problems },
});

const deleteRoute = createRoute({
  ...permits('admin'),
  method: 'delete',
  path: '/v1/sources/{id}',
  summary: 'Delete a source with all its rows for good; its runs stay in history',
  tags: ['sources'],
  request: one,
  responses: { 200: json('What was deleted.', retiredSourceSchema), ...problems },
});

const connectorsRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/connectors',
  summary: 'Which kinds of POS there are, stored recipes among them, and what a config of each takes',
  tags: ['connectors'],
  request: { query: noQuery },
  responses: { 200: json('All connectors, in one page.', pageSchema(connectorSchema)), ...problems },
});

const connectorRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/connectors/{id}',
  summary: 'One connector',
  tags: ['connectors'],
  request: one,
  responses: { 200: json('The connector.', connectorSchema), ...problems },
});

/** Registers the routes of sources and connectors. */
export function addCatalogRoutes(app: ApiApp, given: ApiGiven): void {
  app.openapi(sourcesRoute, async (context) =>
    context.json(await pageSources(ownRows(context), context.req.valid('query')), 200),
  );
  app.openapi(sourceRoute, async (context) =>
    context.json(await ownSource(context, context.req.valid('param').id), 200),
  );
  app.openapi(lintRoute, async (context) => {
    const { id } = await ownSource(context, context.req.valid('param').id);
    return context.json(await lintSource(engineFor(context), id), 200);
  });
  for (const [route, work] of [[retireRoute, retireSource] as const, [deleteRoute, deleteSource] as const]) {
    app.openapi(route, async (context) => {
      const { id: sourceId } = await ownSource(context, context.req.valid('param').id);
      return context.json(await work(engineFor(context), { sourceId, requestedBy: requestedByOf(context) }), 200);
    });
  }
  // Over all rows: connectors and recipes belong to no place.
  app.openapi(connectorsRoute, async (context) =>
    context.json(
      { data: (await listConnectors(given.deps.database, given.deps)).map(describeConnector), next: null },
      200,
    ),
  );
  app.openapi(connectorRoute, async (context) =>
    context.json(describeConnector(await existingConnector(given, context.req.valid('param').id)), 200),
  );
}

/** The connector with this id. Throws TillsyncError connector_unknown (404). */
export async function existingConnector({ deps }: ApiGiven, id: string): Promise<Connector> {
  try {
    return await findConnector(deps.database, deps, id);
  } catch (error) {
    // In a body an unknown connector is wrong input; as a path it is not there.
    if (!(error instanceof TillsyncError)) throw error;
    const { message, code, step, hint } = error;
    throw new TillsyncError(message, { code, step, hint, status: 404 });
  }
}
