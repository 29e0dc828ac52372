// The hierarchy that configs apply to: concepts, companies and sites are listed, added and removed.
import { createRoute, z } from '@hono/zod-openapi';
import type { Level } from '../../../records/configs/config.ts';
import { type HierarchyNode, listHierarchy } from '../../../records/hierarchy/read-hierarchy.ts';
import { addNode, removeNode } from '../../../sync/hierarchy/change-hierarchy.ts';
import type { ApiApp, ApiGiven } from '../api-given.ts';
import { companySchema, conceptSchema, siteSchema } from '../schemas/catalog-schemas.ts';
import { noQuery, pageQuery, pageSchema } from '../schemas/paging.ts';
import { json, jsonBody, onceHeaders, problems } from './responses.ts';

const tags = ['hierarchy'];
const pageOnly = { query: z.strictObject(pageQuery) };
const nodeId = z.coerce.number().int().positive().optional();
const name = z.string().max(1000);
const above = z.int().positive().optional();
const oneNode = { params: z.object({ id: z.coerce.number().int().positive() }), query: noQuery };

const conceptsRoute = createRoute({
  method: 'get',
  path: '/v1/concepts',
  summary: 'All concepts',
  tags,
  request: pageOnly,
  responses: { 200: json('A page of concepts; 100 unless asked otherwise.', pageSchema(conceptSchema)), ...problems },
});

const companiesRoute = createRoute({
  method: 'get',
  path: '/v1/companies',
  summary: 'All companies, or those of a concept',
  tags,
  request: { query: z.strictObject({ ...pageQuery, concept_id: nodeId }) },
  responses: { 200: json('A page of companies; 100 unless asked otherwise.', pageSchema(companySchema)), ...problems },
});

const sitesRoute = createRoute({
  method: 'get',
  path: '/v1/sites',
  summary: 'All sites, or those of a company',
  tags,
  request: { query: z.strictObject({ ...pageQuery, company_id: nodeId }) },
  responses: { 200: json('A page of sites; 100 unless asked otherwise.', pageSchema(siteSchema)), ...problems },
});

const addConceptRoute = createRoute({
  method: 'post',
  path: '/v1/concepts',
  summary: 'Add a concept',
  tags,
  request: { query: noQuery, headers: onceHeaders, ...jsonBody(z.strictObject({ name })) },
  responses: { 201: json('The new concept.', conceptSchema), ...problems },
});

const removeConceptRoute = createRoute({
  method: 'delete',
  path: '/v1/concepts/{id}',
  summary: 'Remove a concept; refused while something hangs below it',
  tags,
  request: oneNode,
  responses: { 200: json('What was removed.', conceptSchema), ...problems },
});

const addCompanyRoute = createRoute({
  method: 'post',
  path: '/v1/companies',
  summary: 'Add a company',
  tags,
  request: { query: noQuery, headers: onceHeaders, ...jsonBody(z.strictObject({ name, concept_id: above })) },
  responses: { 201: json('The new company.', companySchema), ...problems },
});

const removeCompanyRoute = createRoute({
  method: 'delete',
  path: '/v1/companies/{id}',
  summary: 'Remove a company; refused while something hangs below it',
  tags,
  request: oneNode,
  responses: { 200: json('What was removed.', companySchema), ...problems },
});

const addSiteRoute = createRoute({
  method: 'post',
  path: '/v1/sites',
  summary: 'Add a site',
  tags,
  request: { query: noQuery, headers: onceHeaders, ...jsonBody(z.strictObject({ name, company_id: above })) },
  responses: { 201: json('The new site.', siteSchema), ...problems },
});

const removeSiteRoute = createRoute({
  method: 'delete',
  path: '/v1/sites/{id}',
  summary: 'Remove a site; refused while something hangs below it',
  tags,
  request: oneNode,
  responses: { 200: json('What was removed.', siteSchema), ...problems },
});

/** Registers the routes of the hierarchy. */
export function addHierarchyRoutes(app: ApiApp, given: ApiGiven): void {
  addListRoutes(app, given);
  const { deps } = given;
  const add = (level: Level, node: { name: string }, upper?: number) =>
    addNode(deps, level, { name: node.name, above: upper ?? null });
  app.openapi(addConceptRoute, async (context) =>
    context.json(bare(await add('concept', context.req.valid('json'))), 201),
  );
  app.openapi(addCompanyRoute, async (context) => {
    const body = context.req.valid('json');
    return context.json(companyOf(await add('company', body, body.concept_id)), 201);
  });
  app.openapi(addSiteRoute, async (context) => {
    const body = context.req.valid('json');
    return context.json(siteOf(await add('site', body, body.company_id)), 201);
  });
  app.openapi(removeConceptRoute, async (context) =>
    context.json(bare(await removeNode(deps, 'concept', context.req.valid('param').id)), 200),
  );
  app.openapi(removeCompanyRoute, async (context) =>
    context.json(companyOf(await removeNode(deps, 'company', context.req.valid('param').id)), 200),
  );
  app.openapi(removeSiteRoute, async (context) =>
    context.json(siteOf(await removeNode(deps, 'site', context.req.valid('param').id)), 200),
  );
}

function addListRoutes(app: ApiApp, { deps: { database } }: ApiGiven): void {
  app.openapi(conceptsRoute, async (context) => {
    const { data, next } = await listHierarchy(database, 'concept', context.req.valid('query'));
    return context.json({ data: data.map(bare), next }, 200);
  });
  app.openapi(companiesRoute, async (context) => {
    const { concept_id, ...page } = context.req.valid('query');
    const { data, next } = await listHierarchy(database, 'company', { ...page, above: concept_id });
    return context.json({ data: data.map(companyOf), next }, 200);
  });
  app.openapi(sitesRoute, async (context) => {
    const { company_id, ...page } = context.req.valid('query');
    const { data, next } = await listHierarchy(database, 'site', { ...page, above: company_id });
    return context.json({ data: data.map(siteOf), next }, 200);
  });
}

function bare({ id, name, created_at }: HierarchyNode) {
  return { id, name, created_at };
}

function companyOf(node: HierarchyNode) {
  return { ...bare(node), concept_id: node.above };
}

function siteOf(node: HierarchyNode) {
  return { ...bare(node), company_id: node.above };
}
