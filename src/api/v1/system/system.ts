// The state of the installation for who administers all of it: version, database, queue, workers, keys, retention, settings.
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { createRoute, z } from '@hono/zod-openapi';
import { makeBundle } from '../../../sync/system/diagnostic-bundle.ts';
import { readSystem } from '../../../sync/system/read-system.ts';
import { noRateLimits, shownLimits } from '../../edge/rate-limits.ts';
import { securityHeaders } from '../../security-headers.ts';
import type { ApiApp, ApiGiven } from '../api-given.ts';
import { engineFor, permits } from '../guards/permit.ts';
import { json, problems } from '../routes/responses.ts';
import { noQuery } from '../schemas/paging.ts';
import { systemSchema } from './system-schema.ts';

const tags = ['system'];

const systemRoute = createRoute({
  ...permits('system'),
  method: 'get',
  path: '/v1/system',
  summary:
    'Version, database, queue, workers with their heartbeat, encryption keys by id, retention, limits and settings',
  description:
    'Of the server that answers, and of what all servers share. Secrets are told as set, never what they are; `warnings` says what needs a person.',
  tags,
  request: { query: noQuery },
  responses: { 200: json('The state as it is now.', systemSchema), ...problems },
});

const bundleRoute = createRoute({
  ...permits('system'),
  method: 'get',
  path: '/v1/system/diagnostics',
  summary:
    'A diagnostic bundle for whoever helps: one packed JSON file without secrets; the export is an audit entry itself',
  description:
    'The system report, the report of `verify`, settings of PostgreSQL, sizes of tables, schedules, and the newest 200 failed runs with the last lines of their logs.',
  tags,
  request: { query: noQuery },
  responses: {
    200: { description: 'JSON, packed with gzip.', content: { 'application/gzip': { schema: z.string() } } },
    ...problems,
  },
});

const packed = promisify(gzip);

/** Registers both. */
export function addSystemRoutes(app: ApiApp, { options }: ApiGiven): void {
  const calls = () => shownLimits(options.limits !== undefined && options.limits !== noRateLimits);
  app.openapi(systemRoute, async (context) =>
    context.json(await readSystem(engineFor(context), { calls: calls() }), 200),
  );
  app.openapi(bundleRoute, async (context) => {
    const bundle = await packed(await makeBundle(engineFor(context), { calls: calls() }));
    const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
    const headers = {
      ...securityHeaders,
      'content-type': 'application/gzip',
      'content-disposition': `attachment; filename="tillsync-diagnostics-${time}.json.gz"`,
    };
    return new Response(new Uint8Array(bundle), { headers });
  });
}
