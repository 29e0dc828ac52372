// A file that is uploaded: read as a stream while it comes, through the same plan, guard and save as a sync.
import { createRoute, z } from '@hono/zod-openapi';
import { TillsyncError } from '../../../errors.ts';
import { importFile } from '../../../sync/requests/import-file.ts';
import { prepareImport, rememberPreview } from '../../../sync/requests/prepare-import.ts';
import { resolveSettings } from '../../../sync/resolve-config.ts';
import type { ApiApp, ApiGiven } from '../api-given.ts';
import { ownConfig } from '../guards/own.ts';
import { engineFor, permits, requestedByOf } from '../guards/permit.ts';
import { idParam } from '../schemas/paging.ts';
import { runSchema } from '../schemas/run-schema.ts';
import { json, problems } from './responses.ts';

const mostBytes = 2 * 1024 * 1024 * 1024;

const importRoute = createRoute({
  ...permits('sync'),
  method: 'post',
  path: '/v1/configs/{id}/import',
  summary: 'Import a file into a config that takes files',
  description:
    'The body is the file: CSV, NDJSON, JSON or XLSX, of any content type, at most 2 GiB. The answer is the run at its end, also when it failed or is held. The columns are read as the config says in its param columns, else by their names, and then remembered.',
  tags: ['configs'],
  request: {
    params: idParam,
    query: z.strictObject({
      mode: z
        .enum(['merge', 'full'])
        .default('merge')
        .openapi({ description: 'full: the file is the whole catalog; what it does not have is removed, guarded.' }),
      dry_run: z.enum(['true', 'false']).default('false').openapi({ description: 'Plan only.' }),
      file_name: z
        .string()
        .regex(/^[^/\\\p{Cc}]{1,255}$/u, 'must be a name of at most 255 characters, and no path')
        .default('upload')
        .openapi({ description: 'What the file is called; kept with the run.' }),
    }),
    body: { required: true, content: { 'application/octet-stream': { schema: z.any() } } },
  },
  responses: { 200: json('The run at its end.', runSchema), ...problems },
});

/** Registers the route that takes files. */
export function addImportRoute(app: ApiApp, { options }: ApiGiven): void {
  app.openapi(importRoute, async (context) => {
    const { id } = await ownConfig(context, context.req.valid('param').id);
    const deps = engineFor(context);
    const { mode, dry_run, file_name } = context.req.valid('query');
    const { config, connector, params } = await resolveSettings(deps, id);
    const uploaded = uploadOf(context.req.raw);
    const { preview, body } = await prepareImport({
      connector,
      configName: config.name,
      params,
      map: {},
      body: uploaded,
    });
    await rememberPreview(deps, config, { preview, merged: params });
    const run = await importFile(deps, {
      configId: config.id,
      body,
      fileName: file_name,
      mode,
      dryRun: dry_run === 'true',
      requestedBy: requestedByOf(context),
      signal: options.stopping,
    });
    return context.json(run, 200);
  });
}

// Whatever ends the connection is the caller's fault or the network's, not ours.
async function* uploadOf(request: Request): AsyncGenerator<Uint8Array, void, void> {
  let bytes = 0;
  try {
    for await (const piece of request.body ?? []) {
      bytes += piece.byteLength;
      if (bytes > mostBytes) throw tooLarge();
      yield piece;
    }
  } catch (cause) {
    if (cause instanceof TillsyncError) throw cause;
    throw new TillsyncError('The upload broke off before its end.', {
      code: 'upload_broken',
      step: 'fetch',
      status: 400,
      hint: 'Send the file again; an upload has five minutes.',
      cause,
    });
  }
}

function tooLarge(): TillsyncError {
  return new TillsyncError('The file is larger than 2 GiB.', {
    code: 'body_too_large',
    step: 'validation',
    status: 413,
    hint: 'Import it on the machine itself with `tillsync import`, which has no such limit.',
  });
}
