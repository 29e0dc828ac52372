// The edge function fetch-integration-data, on Supabase or any Deno; settings come from the environment (docs/reference/config.md).
import { serveFunction } from '../../../src/api/functions/index.ts';
import { openApp } from '../../../src/app.ts';
import { readConfig } from '../../../src/config.ts';

Deno.serve(
  serveFunction('fetch-integration-data', () => openApp({ config: readConfig(), applicationName: 'tillsync-edge' })),
);
