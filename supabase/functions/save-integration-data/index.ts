// The edge function save-integration-data, on Supabase or any Deno; settings come from the environment (docs/reference/config.md).
import { serveFunction } from '../../../src/api/functions/index.ts';
import { openApp } from '../../../src/app.ts';
import { readConfig } from '../../../src/config.ts';

// Supabase's pooler gives each transaction another session.
const open = () => openApp({ config: readConfig(), applicationName: 'tillsync-edge', pooled: true });

Deno.serve(serveFunction('save-integration-data', open));
