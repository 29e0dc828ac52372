// A process of its own that asks for the access token of a config, to be killed while the POS answers.
import { openDatabase } from '../../src/db/database.ts';
import { openHttp } from '../../src/net/http-client.ts';
import { resolveConfig } from '../../src/sync/resolve-config.ts';
import { openFetch } from '../../src/sync/upstream/open-fetch.ts';
import { openVault } from '../../src/vault/open-vault.ts';
import { withTokens } from './token-connector.ts';

const [url = '', configId = '', key = ''] = process.argv.slice(2);
const database = await openDatabase({ url, max: 4 });
const deps = withTokens({
  database,
  connectors: new Map(),
  vault: openVault({ active: key }),
  openHttp: () => openHttp({ allowPrivateHosts: true, connectSeconds: 5, totalSeconds: 30, maxBytes: 1_000_000 }),
});
const way = await openFetch(deps, await resolveConfig(deps, configId), { signal: new AbortController().signal });
await way.accessToken?.();
