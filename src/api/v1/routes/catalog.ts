// What configs stand on: sources, connectors, and the hierarchy of concepts, companies and sites.
import { createRoute, z } from '@hono/zod-openapi';
import type { Connector } from '../../../connectors/connector.ts';
import { describeConnector } from '../../../connectors/describe-connector.ts';
import { inputError, TillsyncError } from '../../../errors.ts';
import { type HierarchyNode, listHierarchy } from '../../../records/hierarchy/read-hierarchy.ts';
import { listSources, pageSources } from '../../../records/sources/read-sources.ts';
import { lintSource } from '../../../sync/check/lint-source.ts';
import { connectorOf } from '../../../sync/configs/merge-levels.ts';
import type { ApiApp, ApiGiven } from '../api-given.ts';
import { companySchema, conceptSchema, connectorSchema, siteSchema, sourceSchema } from '../schemas/catalog-schemas.ts';
import { lintReportSchema } from '../schemas/lint-schema.ts';
import { idParam, noQuery, pageQuery, pageSchema } from '../schemas/paging.ts';
import { json, problems } from './responses.ts';

const pageOnly = { query: z.strictObject(pageQuery) };
const one = { params: idParam, query: noQuery };
const nodeId = z.coerce.number().int().positive().optional();

const sourcesRoute = createRoute({
  method: 'get',
  path: '/v1/sources',
  summary: 'All sources by name, with their items and configs',
  tags: ['sources'],
  request: pageOnly,
  responses: { 200: json('A page of sources; 100 unless asked otherwise.', pageSchema(sourceSchema)), ...problems },
});

const sourceRoute = createRoute({
  method: 'get',
  path: '/v1/sources/{id}',
  summary: 'One source',
  tags: ['sources'],
  request: one,
  responses: { 200: json('The source.', sourceSchema), ...problems },
});

const lintRoute = createRoute({
  method: 'get',
  path: '/v1/sources/{id}/lint',
  summary: 'What is most likely wrong in the stored catalog of a source',
  tags: ['sources'],
  request: one,
  responses: { 200: json('The findings.', lintReportSchema), ...problems },
});

const connectorsRoute = createRoute({
  method: 'get',
  path: '/v1/connectors',
  summary: 'Which kinds of POS this version knows, and what a config of each takes',
  tags: ['connectors'],
  request: { query: noQuery },
  responses: { 200: json('All connectors, in one page.', pageSchema(connectorSchema)), ...problems },
});

const connectorRoute = createRoute({
  method: 'get',
  path: '/v1/connectors/{id}',
  summary: 'One connector',
  tags: ['connectors'],
  request: one,
  responses: { 200: json('The connector.', connectorSchema), ...problems },
});

const conceptsRoute = createRoute({
  method: 'get',
  path: '/v1/concepts',
  summary: 'All concepts',
  tags: ['hierarchy'],
  request: pageOnly,
  responses: { 200: json('A page of concepts; 100 unless asked otherwise.', pageSchema(conceptSchema)), ...problems },
});

const companiesRoute = createRoute({
  method: 'get',
  path: '/v1/companies',
  summary: 'All companies, or those of a concept',
  tags: ['hierarchy'],
  request: { query: z.strictObject({ ...pageQuery, concept_id: nodeId }) },
  responses: { 200: json('A page of companies; 100 unless asked otherwise.', pageSchema(companySchema)), ...problems },
});

const sitesRoute = createRoute({
  method: 'get',
  path: '/v1/sites',
  summary: 'All sites, or those of a company',
  tags: ['hierarchy'],
  request: { query: z.strictObject({ ...pageQuery, company_id: nodeId }) },
  responses: { 200: json('A page of sites; 100 unless asked otherwise.', pageSchema(siteSchema)), ...problems },
});

/** Registers the routes of sources, connectors and the hierarchy. */
export function addCatalogRoutes(app: ApiApp, given: ApiGiven): void {
  const { database } = given.deps;
  app.openapi(sourcesRoute, async (context) =>
    context.json(await pageSources(database, context.req.valid('query')), 200),
  );
  app.openapi(sourceRoute, async (context) => {
    const { id } = context.req.valid('param');
    const [source] = await listSources(database, { id });
    if (source === undefined) {
      throw inputError('source_unknown', `No source has the id ${id}.`, 'List them with `tillsync sources list`.');
    }
    return context.json(source, 200);
  });
  app.openapi(lintRoute, async (context) =>
    context.json(await lintSource(given.deps, context.req.valid('param').id), 200),
  );
  app.openapi(connectorsRoute, (context) =>
    context.json({ data: [...given.deps.connectors.values()].map(describeConnector), next: null }, 200),
  );
  app.openapi(connectorRoute, (context) =>
    context.json(describeConnector(existingConnector(given, context.req.valid('param').id)), 200),
  );
  addHierarchyRoutes(app, given);
}

function addHierarchyRoutes(app: ApiApp, { deps: { database } }: ApiGiven): void {
  app.openapi(conceptsRoute, async (context) => {
    const { data, next } = await listHierarchy(database, 'concept', context.req.valid('query'));
    return context.json({ data: data.map(({ above: _, ...concept }) => concept), next }, 200);
  });
  app.openapi(companiesRoute, async (context) => {
    const { concept_id, ...page } = context.req.valid('query');
    const { data, next } = await listHierarchy(database, 'company', { ...page, above: concept_id });
    return context.json({ data: data.map((node) => ({ ...bare(node), concept_id: node.above })), next }, 200);
  });
  app.openapi(sitesRoute, async (context) => {
    const { company_id, ...page } = context.req.valid('query');
    const { data, next } = await listHierarchy(database, 'site', { ...page, above: company_id });
    return context.json({ data: data.map((node) => ({ ...bare(node), company_id: node.above })), next }, 200);
  });
}

function bare({ id, name, created_at }: HierarchyNode) {
  return { id, name, created_at };
}

/** The connector with this id. Throws TillsyncError connector_unknown (404). */
export function existingConnector({ deps }: ApiGiven, id: string): Connector {
  try {
    return connectorOf(deps, id);
  } catch (error) {
    // In a body an unknown connector is wrong input; as a path it is not there.
    if (!(error instanceof TillsyncError)) throw error;
    const { message, code, step, hint } = error;
    throw new TillsyncError(message, { code, step, hint, status: 404 });
  }
}
