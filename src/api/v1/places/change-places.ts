// Concepts, companies and sites get another name, or another place above them.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Level } from '../../../records/configs/config.ts';
import { type HierarchyNode, listHierarchy } from '../../../records/hierarchy/read-hierarchy.ts';
import { changeNode, nodeUnknown } from '../../../sync/hierarchy/change-hierarchy.ts';
import type { ApiApp, ApiEnv } from '../api-given.ts';
import { provePlace } from '../guards/own.ts';
import { engineFor, permits } from '../guards/permit.ts';
import { json, jsonBody, problems } from '../routes/responses.ts';
import { companySchema, conceptSchema, siteSchema } from '../schemas/catalog-schemas.ts';
import { noQuery } from '../schemas/paging.ts';

const tags = ['hierarchy'];
const params = z.object({ id: z.coerce.number().int().positive() });
const name = z.string().max(1000).optional();
const above = z.int().positive().nullable().optional().openapi({
  description: 'Moves it; null = to the top. Refused while configs stand at or below it.',
});

const conceptRoute = createRoute({
  ...permits('admin'),
  method: 'patch',
  path: '/v1/concepts/{id}',
  summary: 'Rename a concept',
  tags,
  request: { params, query: noQuery, ...jsonBody(z.strictObject({ name })) },
  responses: { 200: json('The concept.', conceptSchema), ...problems },
});

const companyRoute = createRoute({
  ...permits('admin'),
  method: 'patch',
  path: '/v1/companies/{id}',
  summary: 'Rename a company, or move it to another concept',
  tags,
  request: { params, query: noQuery, ...jsonBody(z.strictObject({ name, concept_id: above })) },
  responses: { 200: json('The company.', companySchema), ...problems },
});

const siteRoute = createRoute({
  ...permits('admin'),
  method: 'patch',
  path: '/v1/sites/{id}',
  summary: 'Rename a site, or move it to another company',
  tags,
  request: { params, query: noQuery, ...jsonBody(z.strictObject({ name, company_id: above })) },
  responses: { 200: json('The site.', siteSchema), ...problems },
});

/** Registers these routes. */
export function addPlaceChangeRoutes(app: ApiApp): void {
  app.openapi(conceptRoute, async (context) => {
    const of = { ...context.req.valid('json'), ...context.req.valid('param') };
    const { above: _, ...concept } = await change(context, 'concept', of);
    return context.json(concept, 200);
  });
  app.openapi(companyRoute, async (context) => {
    const { concept_id, ...body } = context.req.valid('json');
    const { above: upper, ...node } = await change(context, 'company', {
      ...body,
      above: concept_id,
      ...context.req.valid('param'),
    });
    return context.json({ ...node, concept_id: upper }, 200);
  });
  app.openapi(siteRoute, async (context) => {
    const { company_id, ...body } = context.req.valid('json');
    const { above: upper, ...node } = await change(context, 'site', {
      ...body,
      above: company_id,
      ...context.req.valid('param'),
    });
    return context.json({ ...node, company_id: upper }, 200);
  });
}

// Who moves something must administer it, the place that it leaves and the one that it comes to.
async function change(
  context: Context<ApiEnv>,
  level: Level,
  of: { id: number; name?: string | undefined; above?: number | null | undefined },
): Promise<HierarchyNode> {
  await provePlace(context, { level, id: of.id }, () => nodeUnknown(level, of.id));
  if (level !== 'concept' && of.above !== undefined) {
    const upper = level === 'company' ? 'concept' : 'company';
    const { data } = await listHierarchy(context.get('given').deps.database, level, { id: of.id });
    const now = data[0]?.above ?? null;
    if (now !== of.above) {
      for (const id of [of.above, now])
        await provePlace(context, { level: upper, id }, id === null ? undefined : () => nodeUnknown(upper, id));
    }
  }
  return await changeNode(engineFor(context), level, of);
}
