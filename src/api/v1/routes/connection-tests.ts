// Test connection: of a config as it is stored, or of settings before a config holds them.
import { createRoute, z } from '@hono/zod-openapi';
import { checkToEnd } from '../../../sync/check/check-connection.ts';
import type { ApiApp, ApiGiven } from '../api-given.ts';
import { ownConfig } from '../guards/own.ts';
import { refuseForeignSource } from '../guards/own-source.ts';
import { alsoPermits, engineFor, permits } from '../guards/permit.ts';
import { checkReportSchema, settingsToCheckSchema } from '../schemas/check-schema.ts';
import { idParam, noQuery } from '../schemas/paging.ts';
import { existingConnector } from './catalog.ts';
import { json, jsonBody, onceHeaders, problems } from './responses.ts';

const description =
  'Settings, DNS, connection, login, permission, first page and three of its items, in this order; it ends at the first step that fails, ' +
  'and stores nothing of the catalog. A test that fails is an answer (200) with `ok: false`.';
const responses = { 200: json('How far it came.', checkReportSchema), ...problems };

const configRoute = createRoute({
  ...permits('sync'),
  method: 'post',
  path: '/v1/configs/{id}/test',
  summary: 'Test the connection of a config, step by step',
  description,
  tags: ['configs'],
  request: {
    params: idParam,
    query: noQuery,
    headers: onceHeaders,
    ...jsonBody(
      z
        .strictObject({
          save: z
            .boolean()
            .default(false)
            .openapi({ description: 'Write an identity that the POS tells into the config.' }),
          params: z.record(z.string(), z.unknown()).optional().openapi({
            description: 'As in a change: the test is made with them, and they are not stored. Asks for admin access.',
          }),
          secrets: z.record(z.string(), z.string().nullable()).optional(),
        })
        .refine(({ save, params, secrets }) => !save || (params === undefined && secrets === undefined), {
          path: ['save'],
          message: 'An identity is written into the stored settings only',
        })
        .openapi('TestOptions'),
      false,
    ),
  },
  responses,
});

const settingsRoute = createRoute({
  ...permits('admin'),
  method: 'post',
  path: '/v1/connectors/{id}/test',
  summary: 'Test settings that no config holds yet, step by step',
  description,
  tags: ['connectors'],
  request: { params: idParam, query: noQuery, headers: onceHeaders, ...jsonBody(settingsToCheckSchema) },
  responses,
});

/** Registers the tests of connections. */
export function addConnectionTestRoutes(app: ApiApp, given: ApiGiven): void {
  app.openapi(configRoute, async (context) => {
    const { save = false, params, secrets } = context.req.valid('json');
    const isChange = params !== undefined || secrets !== undefined;
    // It then changes the config, or tries what a change would do.
    if (save || isChange) alsoPermits(context, 'admin');
    const { id: configId } = await ownConfig(context, context.req.valid('param').id);
    const change = isChange ? { params: params ?? {}, secrets: secrets ?? {} } : undefined;
    const { signal } = context.req.raw;
    const admit = refuseForeignSource(context);
    return context.json(
      await checkToEnd(engineFor(context), { target: { configId, change }, save, signal, admit }),
      200,
    );
  });
  app.openapi(settingsRoute, async (context) => {
    const { id: connectorId } = await existingConnector(given, context.req.valid('param').id);
    const { params = {}, secrets = {} } = context.req.valid('json');
    const { signal } = context.req.raw;
    return context.json(
      await checkToEnd(engineFor(context), { target: { connectorId, params, secrets }, signal }),
      200,
    );
  });
}
