// The Qu connector with access tokens: its secret `token` is a refresh token, renewed at the POS's /token.
import type { Connector, FetchContext } from '../../src/connectors/connector.ts';
import { connector } from '../../src/connectors/qu/index.ts';
import { TillsyncError } from '../../src/errors.ts';
import type { Deps } from '../../src/sync/deps.ts';

/** Deps whose Qu connector asks for access tokens, at its own origin or at another one. */
export function withTokens<Some extends Pick<Deps, 'connectors'>>(
  deps: Some,
  options: { tokenOrigin?: string } & Partial<Connector> = {},
): Some {
  const { tokenOrigin, ...rest } = options;
  const changed: Connector = {
    ...connector,
    ...rest,
    token: {
      url: (params) => new URL('/token', tokenOrigin ?? connector.origin(params)),
      request: ({ secrets }, refreshToken) => ({
        form: { grant_type: 'refresh_token', refresh_token: refreshToken ?? secrets.token ?? '' },
      }),
    },
    async *fetch(context) {
      const answer = await getWithToken(context);
      yield { body: answer.body, meta: {} };
      return { complete: true };
    },
  };
  return { ...deps, connectors: new Map([[connector.id, changed]]) };
}

/** One GET with the token in force; a token that the POS refuses is renewed once. */
async function getWithToken({ http, accessToken, settings, signal }: FetchContext) {
  const url = `${connector.origin(settings.params)}/items`;
  const get = (token: string) => http.get(url, { headers: { authorization: `Bearer ${token}` }, signal });
  const token = (await accessToken?.()) ?? '';
  try {
    return await get(token);
  } catch (error) {
    if (!(error instanceof TillsyncError) || error.code !== 'upstream_auth') throw error;
    return await get((await accessToken?.(token)) ?? '');
  }
}
