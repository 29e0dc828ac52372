// API keys: listed, made, renewed and ended by who administers their places.
import { createRoute, z } from '@hono/zod-openapi';
import { addKey, listKeys, revokeKey, rotateKey } from '../../../access/manage-keys.ts';
import { requireRecentProof } from '../../../access/people/sessions/caller-of-session.ts';
import type { ApiApp } from '../api-given.ts';
import { engineFor, permits, requestedByOf } from '../guards/permit.ts';
import { json, jsonBody, problems } from '../routes/responses.ts';
import { idParam, noQuery, pageQuery, pageSchema } from '../schemas/paging.ts';
import { createdKeySchema, keySchema, newKeySchema, rotationSchema } from './key-schemas.ts';

const tags = ['keys'];

const listRoute = createRoute({
  ...permits('admin'),
  method: 'get',
  path: '/v1/keys',
  summary: 'API keys of your places, newest first, ended ones among them',
  tags,
  request: { query: z.strictObject(pageQuery) },
  responses: { 200: json('A page of keys; 100 unless asked otherwise.', pageSchema(keySchema)), ...problems },
});

const addRoute = createRoute({
  ...permits('admin'),
  method: 'post',
  path: '/v1/keys',
  summary: 'Make a key; the answer is the only time that it can be read',
  tags,
  // Without Idempotency-Key: an answer that is kept would keep the key.
  request: { query: noQuery, ...jsonBody(newKeySchema) },
  responses: { 201: json('The key.', createdKeySchema), ...problems },
});

const rotateRoute = createRoute({
  ...permits('admin'),
  method: 'post',
  path: '/v1/keys/{id}/rotate',
  summary: 'Make the key that takes over from this one, with the same access; the old one goes on for a while',
  tags,
  request: { params: idParam, query: noQuery, ...jsonBody(rotationSchema, false) },
  responses: { 201: json('The new key.', createdKeySchema), ...problems },
});

const revokeRoute = createRoute({
  ...permits('admin'),
  method: 'delete',
  path: '/v1/keys/{id}',
  summary: 'End a key at once; it stays in the list',
  tags,
  request: { params: idParam, query: noQuery },
  responses: { 200: json('The key as it now stands.', keySchema), ...problems },
});

/** Registers the routes of keys. */
export function addKeyRoutes(app: ApiApp): void {
  app.openapi(listRoute, async (context) => {
    const page = context.req.valid('query');
    return context.json(await listKeys(engineFor(context).database, { ...page, scope: context.get('scope') }), 200);
  });
  // A key outlives the session that makes it: whoever found a browser open gets none.
  app.openapi(addRoute, async (context) => {
    const caller = context.get('caller');
    requireRecentProof(caller);
    const { level_id, expires_at, ...key } = context.req.valid('json');
    const created = await addKey(engineFor(context).database, {
      ...key,
      levelId: level_id === undefined ? null : String(level_id),
      expiresAt: expires_at === undefined ? null : new Date(expires_at),
      by: requestedByOf(context),
      scope: context.get('scope'),
      withKey: caller.kind === 'key' ? caller.id : null,
    });
    return context.json(created, 201);
  });
  app.openapi(rotateRoute, async (context) => {
    requireRecentProof(context.get('caller'));
    const created = await rotateKey(engineFor(context).database, {
      id: context.req.valid('param').id,
      overlapHours: context.req.valid('json').overlap_hours,
      by: requestedByOf(context),
      scope: context.get('scope'),
    });
    return context.json(created, 201);
  });
  app.openapi(revokeRoute, async (context) => {
    const { id } = context.req.valid('param');
    const by = requestedByOf(context);
    return context.json(await revokeKey(engineFor(context).database, { id, by, scope: context.get('scope') }), 200);
  });
}
