// What goes on, as one stream for a whole page: the runs under way, and word of what came and went.
import { createRoute, z } from '@hono/zod-openapi';
import type { ApiApp, ApiGiven } from '../api-given.ts';
import { permits } from '../guards/permit.ts';
import { isStillWithin } from '../guards/still-allowed.ts';
import { problems } from '../routes/responses.ts';
import { noQuery } from '../schemas/paging.ts';
import { eventHeaders, eventStream } from './event-stream.ts';

const nowRoute = createRoute({
  ...permits('read'),
  method: 'get',
  path: '/v1/events',
  summary: 'What goes on as server-sent events',
  description:
    'At once an event `now` with the JSON `{active, holds, latest}`: the runs that are queued or in progress, newest first, up to 200, and two marks. Then, within a second or two of every change, an event `change` with `{changed, holds, latest}`: runs that are new or different, and once the final state of those that ended. `holds` is another one whenever an open hold came or went, `latest` whenever a run began or ended. An event `now` later on replaces what came before. A comment and an event `here` every 15 s. A stream that broke off begins anew with `now`; it ends when its caller, or what the caller may see, is no longer the same.',
  tags: ['runs'],
  request: { query: noQuery },
  responses: {
    200: {
      description: 'Events for as long as somebody reads.',
      content: { 'text/event-stream': { schema: z.string() } },
    },
    ...problems,
  },
});

/** Registers the route. */
export function addNowRoute(app: ApiApp, given: ApiGiven): void {
  const { stopping = new AbortController().signal, heartbeatMs = 15_000 } = given.options;
  app.openapi(nowRoute, (context) => {
    // Nobody would read, or end, the stream of a HEAD.
    if (context.req.raw.method === 'HEAD') return new Response(null, { headers: eventHeaders });
    const scope = context.get('scope');
    const stream = eventStream({
      signal: stopping,
      heartbeatMs,
      // A page sees events, and no comments: by these it knows that the connection is not dead.
      heartbeat: ': still here\nevent: here\ndata: {}\n\n',
      isAllowed: () => isStillWithin(context, scope),
      onEnd: given.seats.take(),
      begin: ({ write }) => given.now.watch(scope, write),
    });
    return new Response(stream, { headers: eventHeaders });
  });
}
