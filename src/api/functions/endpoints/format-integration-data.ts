// POST format-integration-data: a raw answer of a POS as items; pure, saved nowhere.
import type { Json } from '../../../json.ts';
import { formatData } from '../../../sync/format-data.ts';
import type { EdgeFunction } from '../functions-options.ts';
import { proveConfig } from '../permit-call.ts';
import { formatBody, parseBody } from '../request-bodies.ts';

export const formatIntegrationData: EdgeFunction = {
  errorCode: 'FORMAT_ERROR',
  permission: 'read',
  maxBody: 64 * 1024 * 1024,
  tooLargeHint:
    'No setting raises this limit. Let tillsync fetch and format the catalog itself with sync-orchestrator.',
  async answer(call) {
    const body = parseBody(formatBody, call.body);
    if (body.config_id != null) await proveConfig(call, body.config_id);
    const { formatted, counts, rejected } = await formatData(call.deps, {
      connectorId: body.integration_type,
      data: body.data as Json,
      ...(body.config_id == null ? {} : { configId: body.config_id }),
    });
    return { status: 200, body: { success: true, formatted_data: formatted, counts, rejected } };
  },
};
