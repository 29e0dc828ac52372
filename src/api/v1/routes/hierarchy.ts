// The hierarchy that configs apply to: concepts, companies and sites are listed, added and removed.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Level } from '../../../records/configs/config.ts';
import { type HierarchyNode, listHierarchy } from '../../../records/hierarchy/read-hierarchy.ts';
import { addNode, nodeUnknown, removeNode } from '../../../sync/hierarchy/change-hierarchy.ts';
import type { ApiApp, ApiEnv } from '../api-given.ts';
import { provePlace } from '../guards/own.ts';
import { engineFor, ownRows, permits } from '../guards/permit.ts';
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
  ...permits('read'),
  method: 'get',
  path: '/v1/concepts',
  summary: 'All concepts',
  tags,
  request: pageOnly,
  responses: { 200: json('A page of concepts; 100 unless asked otherwise.', pageSchema(conceptSchema)), ...problems },
});

const companiesRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/companies',
  summary: 'All companies, or those of a concept',
  tags,
  request: { query: z.strictObject({ ...pageQuery, concept_id: nodeId }) },
  responses: { 200: json('A page of companies; 100 unless asked otherwise.', pageSchema(companySchema)), ...problems },
});

const sitesRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/sites',
  summary: 'All sites, or those of a company',
  tags,
  request: { query: z.strictObject({ ...pageQuery, company_id: nodeId }) },
  responses: { 200: json('A page of sites; 100 unless asked otherwise.', pageSchema(siteSchema)), ...problems },
});

const addConceptRoute = createRoute({
  ...permits('system'),
  method: 'post',
  path: '/v1/concepts',
  summary: 'Add a concept',
  tags,
  request: { query: noQuery, headers: onceHeaders, ...jsonBody(z.strictObject({ name })) },
  responses: { 201: json('The new concept.', conceptSchema), ...problems },
});

const removeConceptRoute = createRoute({
  ...permits('admin'),
  method: 'delete',
  path: '/v1/concepts/{id}',
  summary: 'Remove a concept; refused while something hangs below it',
  tags,
  request: oneNode,
  responses: { 200: json('What was removed.', conceptSchema), ...problems },
});

const addCompanyRoute = createRoute({
  ...permits('admin'),
  method: 'post',
  path: '/v1/companies',
  summary: 'Add a company',
  tags,
  request: { query: noQuery, headers: onceHeaders, ...jsonBody(z.strictObject({ name, concept_id: above })) },
  responses: { 201: json('The new company.', companySchema), ...problems },
});

const removeCompanyRoute = createRoute({
  ...permits('admin'),
  method: 'delete',
  path: '/v1/companies/{id}',
  summary: 'Remove a company; refused while something hangs below it',
  tags,
  request: oneNode,
  responses: { 200: json('What was removed.', companySchema), ...problems },
});

const addSiteRoute = createRoute({
  ...permits('admin'),
  method: 'post',
  path: '/v1/sites',
  summary: 'Add a site',
  tags,
  request: { query: noQuery, headers: onceHeaders, ...jsonBody(z.strictObject({ name, company_id: above })) },
  responses: { 201: json('The new site.', siteSchema), ...problems },
});

const removeSiteRoute = createRoute({
  ...permits('admin'),
  method: 'delete',
  path: '/v1/sites/{id}',
  summary: 'Remove a site; refused while something hangs below it',
  tags,
  request: oneNode,
  responses: { 200: json('What was removed.', siteSchema), ...problems },
});

/** Registers the routes of the hierarchy. */
export function addHierarchyRoutes(app: ApiApp): void {
  addListRoutes(app);
  app.openapi(addConceptRoute, async (context) =>
    context.json(bare(await add(context, 'concept', context.req.valid('json'))), 201),
  );
  app.openapi(addCompanyRoute, async (context) => {
    const body = context.req.valid('json');
    return context.json(companyOf(await add(context, 'company', { ...body, above: body.concept_id })), 201);
  });
  app.openapi(addSiteRoute, async (context) => {
    const body = context.req.valid('json');
    return context.json(siteOf(await add(context, 'site', { ...body, above: body.company_id })), 201);
  });
  app.openapi(removeConceptRoute, async (context) =>
    context.json(bare(await remove(context, 'concept', context.req.valid('param').id)), 200),
  );
  app.openapi(removeCompanyRoute, async (context) =>
    context.json(companyOf(await remove(context, 'company', context.req.valid('param').id)), 200),
  );
  app.openapi(removeSiteRoute, async (context) =>
    context.json(siteOf(await remove(context, 'site', context.req.valid('param').id)), 200),
  );
}

// A node without one above it stands at the top, which belongs to who may do everything.
async function add(context: Context<ApiEnv>, level: Level, node: { name: string; above?: number | undefined }) {
  const above = node.above ?? null;
  if (level !== 'concept') {
    const upper = level === 'company' ? 'concept' : 'company';
    const unknown = above === null ? undefined : () => nodeUnknown(upper, above);
    await provePlace(context, { level: upper, id: above }, unknown);
  }
  return await addNode(engineFor(context), level, { name: node.name, above });
}

async function remove(context: Context<ApiEnv>, level: Level, id: number) {
  await provePlace(context, { level, id }, () => nodeUnknown(level, id));
  return await removeNode(engineFor(context), level, id);
}

function addListRoutes(app: ApiApp): void {
  app.openapi(conceptsRoute, async (context) => {
    const { data, next } = await listHierarchy(ownRows(context), 'concept', context.req.valid('query'));
    return context.json({ data: data.map(bare), next }, 200);
  });
  app.openapi(companiesRoute, async (context) => {
    const { concept_id, ...page } = context.req.valid('query');
    const { data, next } = await listHierarchy(ownRows(context), 'company', { ...page, above: concept_id });
    return context.json({ data: data.map(companyOf), next }, 200);
  });
  app.openapi(sitesRoute, async (context) => {
    const { company_id, ...page } = context.req.valid('query');
    const { data, next } = await listHierarchy(ownRows(context), 'site', { ...page, above: company_id });
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
