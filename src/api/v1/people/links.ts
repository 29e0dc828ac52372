// Links that work once, for who holds one: looked at, and used to choose a password.
import { createRoute, z } from '@hono/zod-openapi';
import { lookAtLink, redeemLink } from '../../../access/people/links/redeem-link.ts';
import { sessionCookieName } from '../../edge/session-cookie.ts';
import type { ApiApp } from '../api-given.ts';
import { permits } from '../guards/permit.ts';
import { json, jsonBody, problems } from '../routes/responses.ts';
import { noQuery } from '../schemas/paging.ts';
import { emailText, linkSchema, nameText, passwordText, sessionSchema, tokenText } from './people-schemas.ts';
import { fromOf, openedAnswer } from './session-answer.ts';

const tags = ['session'];

const lookRoute = createRoute({
  ...permits('public'),
  method: 'post',
  path: '/v1/links/look',
  summary: 'What a link is for, while it can be used',
  tags,
  request: { query: noQuery, ...jsonBody(z.strictObject({ token: tokenText })) },
  responses: {
    200: json(
      'Whose it is; the first admin has no name yet.',
      linkSchema.pick({ purpose: true }).extend({ email: z.string().nullable(), name: z.string().nullable() }),
    ),
    ...problems,
  },
});

const useRoute = createRoute({
  ...permits('public'),
  method: 'post',
  path: '/v1/links/use',
  summary: 'Choose a password by a link, and be signed in; the first admin gives name and e-mail, too',
  tags,
  request: {
    query: noQuery,
    ...jsonBody(
      z.strictObject({
        token: tokenText,
        password: passwordText,
        name: nameText.optional(),
        email: emailText.optional(),
      }),
    ),
  },
  responses: { 200: json('Who is signed in, and what is still needed.', sessionSchema), ...problems },
});

/** Registers the routes of links. */
export function addLinkRoutes(app: ApiApp): void {
  app.openapi(lookRoute, async (context) => {
    const { purpose, email, name } = await lookAtLink(context.get('given').people, context.req.valid('json').token);
    return context.json({ purpose, email, name }, 200);
  });
  app.openapi(useRoute, async (context) => {
    // A link is not used up where no session may be set.
    sessionCookieName(context);
    const given = { ...context.req.valid('json'), from: fromOf(context) };
    return context.json(await openedAnswer(context, await redeemLink(context.get('given').people, given)), 200);
  });
}
