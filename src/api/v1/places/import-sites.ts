// The places that a POS account lists: looked at, and made sites of.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  type ImportedSite,
  importSites,
  type ListedPlace,
  previewSites,
} from '../../../sync/hierarchy/import-sites.ts';
import type { ApiApp, ApiEnv } from '../api-given.ts';
import { ownConfig, provePlace } from '../guards/own.ts';
import { refuseForeignSecrets } from '../guards/own-secrets.ts';
import { refuseForeignSource } from '../guards/own-source.ts';
import { engineFor, permits } from '../guards/permit.ts';
import { json, jsonBody, onceHeaders, problems } from '../routes/responses.ts';
import { idParam, noQuery, pageSchema } from '../schemas/paging.ts';

const tags = ['hierarchy'];
const siteId = z.int().nullable();

const listedSchema = z
  .object({
    location_id: z.string(),
    name: z.string(),
    address: z.string().nullable(),
    site_id: siteId.openapi({ description: 'The site that it is already; null = it would be added.' }),
  } satisfies Record<keyof ListedPlace, z.ZodType>)
  .openapi('ListedPlace');

const importedSchema = z
  .object({
    location_id: z.string(),
    name: z.string(),
    site_id: siteId,
    outcome: z.enum(['added', 'known', 'failed']),
    config_id: z.string().nullable(),
    missing: z.array(z.string()).openapi({ description: 'What the new config still lacks.' }),
    error: z.string().nullable(),
  } satisfies Record<keyof ImportedSite, z.ZodType>)
  .openapi('ImportedSite');

export const listedPlacesSchema = pageSchema(listedSchema);
export const importedSitesSchema = pageSchema(importedSchema);

const listRoute = createRoute({
  ...permits('admin'),
  method: 'post',
  path: '/v1/configs/{id}/list-places',
  summary: 'The places that the POS account of a config lists, and which site each is; writes nothing',
  tags,
  request: {
    params: idParam,
    query: noQuery,
    headers: onceHeaders,
    ...jsonBody(z.strictObject({ company_id: z.int().positive().optional() }), false),
  },
  responses: { 200: json('All places, in one page.', listedPlacesSchema), ...problems },
});

const importRoute = createRoute({
  ...permits('admin'),
  method: 'post',
  path: '/v1/configs/{id}/import-sites',
  summary: 'Add a site for each place that the POS account of a config lists, or for some of them',
  tags,
  request: {
    params: idParam,
    query: noQuery,
    headers: onceHeaders,
    ...jsonBody(
      z
        .strictObject({
          company_id: z.int().positive().optional().openapi({ description: 'Default: the company of the config.' }),
          with_configs: z
            .boolean()
            .default(false)
            .openapi({ description: "Also a config at site level for each, with the place's settings." }),
          location_ids: z.array(z.string().max(1000)).max(20_000).optional().openapi({ description: 'Default: all.' }),
        })
        .openapi('SitesToImport'),
    ),
  },
  responses: { 200: json('What became of each place, in one page.', importedSitesSchema), ...problems },
});

/** Registers these routes. */
export function addSiteImportRoutes(app: ApiApp): void {
  app.openapi(listRoute, async (context) => {
    const place = await ownPlaceOf(context, context.req.valid('param').id, context.req.valid('json').company_id);
    const data = await previewSites(engineFor(context), { ...place, signal: context.req.raw.signal });
    return context.json({ data, next: null }, 200);
  });
  app.openapi(importRoute, async (context) => {
    const { company_id, with_configs, location_ids } = context.req.valid('json');
    const place = await ownPlaceOf(context, context.req.valid('param').id, company_id);
    const data = await importSites(engineFor(context), {
      ...place,
      withConfigs: with_configs,
      locationIds: location_ids,
      admit: refuseForeignSource(context),
      admitSecrets: refuseForeignSecrets(context),
      signal: context.req.raw.signal,
    });
    return context.json({ data, next: null }, 200);
  });
}

// The new sites stand below this company, so it must be the caller's; without one they stand at the top.
async function ownPlaceOf(context: Context<ApiEnv>, id: string, named: number | undefined) {
  const config = await ownConfig(context, id);
  const companyId = named ?? config.company_id;
  await provePlace(context, { level: 'company', id: companyId });
  return { configId: config.id, companyId: companyId ?? undefined };
}
