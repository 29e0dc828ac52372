// Configs: listing, showing, adding and changing them; a change says which state of the config it means.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { TillsyncError } from '../../../errors.ts';
import { pageConfigs, readConfigVersion } from '../../../records/configs/read-configs.ts';
import { resolveSettings } from '../../../sync/resolve-config.ts';
import { pauseConfig, resumeConfig } from '../../../sync/schedule/set-schedule.ts';
import { addConfig, setConfig } from '../../../sync/set-config.ts';
import type { ApiApp, ApiEnv } from '../api-given.ts';
import { ownConfig, proveOneLine, provePlace } from '../guards/own.ts';
import { refuseForeignSecrets } from '../guards/own-secrets.ts';
import { refuseForeignSource } from '../guards/own-source.ts';
import { engineFor, ownRows, permits, requestedByOf } from '../guards/permit.ts';
import {
  configChangeSchema,
  configSchema,
  newConfigSchema,
  savedConfigSchema,
  scheduleChangeOf,
  shownConfigSchema,
} from '../schemas/config-schemas.ts';
import { idParam, idSchema, noQuery, pageQuery, pageSchema } from '../schemas/paging.ts';
import { json, jsonBody, onceHeaders, problems } from './responses.ts';

const tags = ['configs'];

const listRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/configs',
  summary: 'All configs, in the order in which they were made',
  tags,
  request: {
    query: z.strictObject({ ...pageQuery, source_id: idSchema.optional(), name: z.string().max(1000).optional() }),
  },
  responses: { 200: json('A page of configs; 100 unless asked otherwise.', pageSchema(configSchema)), ...problems },
});

const showRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/configs/{id}',
  summary: 'One config: its own settings, those with the levels above, and what it lacks; never its secrets',
  tags,
  request: { params: idParam, query: noQuery },
  responses: { 200: json('The config; ETag names its state.', shownConfigSchema), ...problems },
});

const addRoute = createRoute({
  ...permits('admin'),
  method: 'post',
  path: '/v1/configs',
  summary: 'Add a config and find its source',
  tags,
  request: { query: noQuery, headers: onceHeaders, ...jsonBody(newConfigSchema) },
  responses: { 201: json('The new config; Location and ETag name it.', savedConfigSchema), ...problems },
});

const setRoute = createRoute({
  ...permits('admin'),
  method: 'patch',
  path: '/v1/configs/{id}',
  summary: 'Change a config; what is not named stays',
  description: 'If-Match carries the ETag of the config as it was read (428 without, 412 when it was changed since).',
  tags,
  request: {
    params: idParam,
    query: noQuery,
    headers: z.object({ 'if-match': z.string().max(200).optional() }),
    ...jsonBody(configChangeSchema),
  },
  responses: { 200: json('The config; ETag names its new state.', savedConfigSchema), ...problems },
});

const pauseRoute = createRoute({
  ...permits('sync'),
  method: 'post',
  path: '/v1/configs/{id}/pause',
  summary: 'Pause the schedule; syncs that somebody asks for go on',
  tags,
  request: {
    params: idParam,
    query: noQuery,
    headers: onceHeaders,
    ...jsonBody(z.strictObject({ reason: z.string().max(1000).optional() })),
  },
  responses: { 200: json('The config.', configSchema), ...problems },
});

const resumeRoute = createRoute({
  ...permits('sync'),
  method: 'post',
  path: '/v1/configs/{id}/resume',
  summary: 'Resume the schedule at its normal pace, from its next due time on',
  tags,
  request: { params: idParam, query: noQuery, headers: onceHeaders },
  responses: { 200: json('The config.', configSchema), ...problems },
});

/** Registers the routes of configs. */
export function addConfigRoutes(app: ApiApp): void {
  app.openapi(listRoute, async (context) => {
    const { limit, cursor, source_id, name } = context.req.valid('query');
    return context.json(await pageConfigs(ownRows(context), { limit, cursor, sourceId: source_id, name }), 200);
  });
  app.openapi(showRoute, async (context) => {
    const { id } = await ownConfig(context, context.req.valid('param').id);
    // The config's state is named before it is read: a change between the two makes the ETag too old, never too new.
    const tag = await etagOf(context, id);
    const { config, sourceId, missing, params } = await resolveSettings(engineFor(context), id);
    context.header('etag', tag);
    return context.json({ ...config, source_id: sourceId, missing, merged_params: { ...params } }, 200);
  });
  app.openapi(addRoute, async (context) => {
    const add = context.req.valid('json');
    await provePlace(context, placeOf(add));
    await proveOneLine(context, add);
    const config = await addConfig(engineFor(context), {
      connectorId: add.connector_id,
      name: add.name,
      level: add.level,
      conceptId: add.concept_id,
      companyId: add.company_id,
      siteId: add.site_id,
      params: add.params ?? {},
      secrets: add.secrets ?? {},
      shareSecrets: add.share_secrets,
      guard: add.guard,
      schedule: scheduleChangeOf(add.schedule),
      admit: refuseForeignSource(context),
      admitSecrets: refuseForeignSecrets(context),
    });
    context.header('location', `/api/v1/configs/${config.id}`);
    context.header('etag', await etagOf(context, config.id));
    return context.json(config, 201);
  });
  app.openapi(setRoute, async (context) => {
    const { id } = await ownConfig(context, context.req.valid('param').id);
    const { identity_change, is_active, schedule, share_secrets, ...set } = context.req.valid('json');
    const config = await setConfig(engineFor(context), {
      configId: id,
      ...set,
      isActive: is_active,
      schedule: scheduleChangeOf(schedule),
      shareSecrets: share_secrets,
      move: identity_change === 'move',
      newSource: identity_change === 'new_source',
      ifVersion: versionOf(context.req.valid('header')['if-match']),
      admit: refuseForeignSource(context),
      admitSecrets: refuseForeignSecrets(context),
    });
    context.header('etag', await etagOf(context, id));
    return context.json(config, 200);
  });
  app.openapi(pauseRoute, async (context) => {
    const { reason } = context.req.valid('json');
    const { id: configId } = await ownConfig(context, context.req.valid('param').id);
    const pause = { configId, by: requestedByOf(context), reason: reason ?? null };
    return context.json(await pauseConfig(engineFor(context), pause), 200);
  });
  app.openapi(resumeRoute, async (context) => {
    const { id } = await ownConfig(context, context.req.valid('param').id);
    return context.json(await resumeConfig(engineFor(context), id), 200);
  });
}

async function etagOf(context: Context<ApiEnv>, id: string): Promise<string> {
  return `"${await readConfigVersion(engineFor(context).database, id)}"`;
}

// As the engine finds the level of a new config.
function placeOf(add: z.infer<typeof newConfigSchema>): { level: string; id: number | undefined } {
  const ids = { concept: add.concept_id, company: add.company_id, site: add.site_id };
  const level =
    add.level ?? (['site', 'company', 'concept'] as const).find((name) => ids[name] !== undefined) ?? 'site';
  return { level, id: ids[level] };
}

/** The state that If-Match names; undefined = any, '*'. Throws TillsyncError if_match_missing (428). */
function versionOf(header: string | undefined): string | undefined {
  if (header === undefined) {
    throw new TillsyncError('This change does not say which state of the config it means.', {
      code: 'if_match_missing',
      step: 'validation',
      effect: 'Nothing was changed.',
      hint: 'Send If-Match with the ETag of the config as you read it; * means whatever it is now.',
      status: 428,
    });
  }
  // A weak tag is what a compressing proxy makes of ours.
  return header === '*' ? undefined : header.replace(/^W\//, '').replaceAll('"', '');
}
