// The link with which the first administrator signs in: made by every start until there is one.
import type { App } from '../../../app.ts';
import { requestedBy } from '../../with-app.ts';
import { browserUrl } from './tell-link.ts';

/** A link for a server that listens at this address; null = there is an administrator who can sign in. */
export async function firstAdminLink(app: App, serverUrl: string): Promise<string | null> {
  const { linkUrl, makeFirstAdminLink } = await import('../../../access/people/links/make-link.ts');
  const actor = { who: requestedBy(), id: null, address: null, requestId: null };
  const link = await makeFirstAdminLink(app.deps, actor);
  if (link === null) return null;
  const { hostname, port } = new URL(serverUrl);
  return linkUrl(browserUrl({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) }), link.token);
}
