// POST fetch-integration-data: the raw answer of a config's POS, saved nowhere.
import { fetchData } from '../../../sync/fetch-data.ts';
import type { EdgeFunction } from '../functions-options.ts';
import { proveConfig } from '../permit-call.ts';
import { configBody, parseBody } from '../request-bodies.ts';

export const fetchIntegrationData: EdgeFunction = {
  errorCode: 'FETCH_ERROR',
  permission: 'sync',
  maxBody: 1024 * 1024,
  tooLargeHint: 'The body holds config_id and nothing else.',
  async answer(call) {
    const { config_id: configId } = parseBody(configBody, call.body);
    await proveConfig(call, configId);
    const { config, data, fetchedAt, complete } = await fetchData(call.deps, { configId, signal: call.signal });
    return {
      status: 200,
      body: {
        success: true,
        config_id: config.id,
        integration_type: config.connector_id,
        data,
        fetched_at: fetchedAt,
        metadata: {
          application_level: config.level,
          concept_id: config.concept_id,
          company_id: config.company_id,
          site_id: config.site_id,
          complete,
        },
      },
    };
  },
};
