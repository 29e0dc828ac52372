// POST /hooks/<connector>/<endpoint id>: takes the webhooks of POS, raw and fast, and tells callers nothing.
import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import type { Deps } from '../../sync/deps.ts';
import { receiveWebhook, type WebhookOutcome } from '../../sync/hooks/receive-webhook.ts';
import { securityHeaders } from '../security-headers.ts';

/** Read before its signature is known, so it is little. */
const mostBytes = 1_048_576;

// An event that came before was noted then: the POS need not send it again. Whether its account is known makes no difference.
const answers: Readonly<Record<WebhookOutcome, { status: 200 | 401 | 404; body: object }>> = {
  noted: { status: 200, body: { ok: true } },
  replayed: { status: 200, body: { ok: true } },
  refused: { status: 401, body: { ok: false, error: 'The signature or the time of this webhook is not valid.' } },
  'unknown-endpoint': { status: 404, body: { ok: false, error: 'There is no such endpoint.' } },
};

/** The app below /hooks. */
export function createHooksApp(deps: Deps): Hono {
  const app = new Hono();
  app.all('/:connector/:endpoint', async (context) => {
    if (context.req.method !== 'POST') {
      const headers = { ...securityHeaders, allow: 'POST' };
      return context.json({ ok: false, error: 'Webhooks are sent with POST.' }, 405, headers);
    }
    const request = context.req.raw;
    const rawBody = await readBytes(request);
    if (rawBody === null) return context.json({ ok: false, error: 'The body is too large.' }, 413, securityHeaders);
    const { connector, endpoint } = context.req.param();
    const received = {
      connectorId: connector,
      endpointId: endpoint,
      headers: request.headers,
      rawBody,
      url: request.url,
    };
    const { status, body } = answers[await receiveWebhook(deps, received)];
    return context.json(body, status, securityHeaders);
  });
  app.onError((error, context) => {
    const reference = randomUUID().slice(0, 8);
    deps.log.error({ reference, err: error }, 'a webhook could not be taken');
    // It is sent again by the POS.
    return context.json({ ok: false, error: `Try again later (reference ${reference}).` }, 503, securityHeaders);
  });
  return app;
}

/** The body's bytes as they came, or null when there are too many. */
async function readBytes(request: Request): Promise<Uint8Array | null> {
  if (Number(request.headers.get('content-length') ?? 0) > mostBytes) return null;
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of request.body ?? []) {
    size += part.byteLength;
    if (size > mostBytes) return null;
    parts.push(part);
  }
  return Buffer.concat(parts);
}
