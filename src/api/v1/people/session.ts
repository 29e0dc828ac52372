// The session of a browser: opened by a password, completed by a code, proven again, and closed.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Caller } from '../../../access/caller.ts';
import { closeSessions } from '../../../access/people/accounts/change-users.ts';
import { actorOfCaller } from '../../../access/people/people-deps.ts';
import { passSecondFactor } from '../../../access/people/second-factor/pass-second-factor.ts';
import { callerOfSession, requirePerson } from '../../../access/people/sessions/caller-of-session.ts';
import { proveAgain } from '../../../access/people/sessions/prove-again.ts';
import { type OpenedSession, signIn } from '../../../access/people/sign-in/sign-in.ts';
import { clearSessionCookie, readSessionCookie, sessionCookieName } from '../../edge/session-cookie.ts';
import type { ApiApp, ApiEnv } from '../api-given.ts';
import { permits } from '../guards/permit.ts';
import { json, jsonBody, problems } from '../routes/responses.ts';
import { noQuery } from '../schemas/paging.ts';
import { codeText, emailText, endedSchema, passwordText, sessionSchema } from './people-schemas.ts';
import { currentAnswer, fromOf, openedAnswer } from './session-answer.ts';

const tags = ['session'];

const signInRoute = createRoute({
  ...permits('public'),
  method: 'post',
  path: '/v1/session',
  summary: 'Sign in; the session is in a cookie. With a second factor it waits for the code, unless that comes along',
  tags,
  request: {
    query: noQuery,
    ...jsonBody(z.strictObject({ email: emailText, password: passwordText, code: codeText.optional() })),
  },
  responses: { 200: json('Who is signed in, and what is still needed.', sessionSchema), ...problems },
});

const showRoute = createRoute({
  ...permits('self'),
  method: 'get',
  path: '/v1/session',
  summary: 'Who is signed in, with roles, and what the session still waits for',
  tags,
  request: { query: noQuery },
  responses: { 200: json('The session of this request.', sessionSchema), ...problems },
});

const signOutRoute = createRoute({
  ...permits('self'),
  method: 'delete',
  path: '/v1/session',
  summary: 'Sign out',
  tags,
  request: { query: noQuery },
  responses: { 200: json('The session has ended, and its cookie is gone.', endedSchema), ...problems },
});

const secondFactorRoute = createRoute({
  ...permits('self'),
  method: 'post',
  path: '/v1/session/second-factor',
  summary: 'Give the code that the session waits for',
  tags,
  request: { query: noQuery, ...jsonBody(z.strictObject({ code: codeText })) },
  responses: { 200: json('The session, with a new token.', sessionSchema), ...problems },
});

const proofRoute = createRoute({
  ...permits('self'),
  method: 'post',
  path: '/v1/session/proof',
  summary: 'Give the password again (and a code, where there is a second factor), for what asks for a recent proof',
  tags,
  request: {
    query: noQuery,
    ...jsonBody(z.strictObject({ password: passwordText, code: codeText.optional() })),
  },
  responses: { 200: json('The session, with a new token.', sessionSchema), ...problems },
});

/** Registers the routes of the session. */
export function addSessionRoutes(app: ApiApp): void {
  app.openapi(signInRoute, async (context) => {
    // Where no session may be set, no password is looked at.
    sessionCookieName(context);
    const { people } = context.get('given');
    const { code, ...given } = context.req.valid('json');
    const opened = await signIn(people, { ...given, ...fromOf(context) });
    const whole =
      code === undefined || opened.needs !== 'second_factor' ? opened : await completed(context, opened, code);
    await closeEarlier(context);
    return context.json(await openedAnswer(context, whole), 200);
  });
  app.openapi(showRoute, async (context) => context.json(await currentAnswer(context), 200));
  app.openapi(signOutRoute, async (context) => {
    const person = requirePerson(context.get('caller'), ['second_factor', 'enrolment']);
    const ended = await close(context, person, person.session.id);
    clearSessionCookie(context);
    context.header('clear-site-data', '"cache", "storage"');
    return context.json({ ended }, 200);
  });
  app.openapi(secondFactorRoute, async (context) => {
    const person = requirePerson(context.get('caller'), ['second_factor']);
    const { code } = context.req.valid('json');
    const opened = await passSecondFactor(context.get('given').people, { person, code, from: fromOf(context) });
    return context.json(await openedAnswer(context, opened), 200);
  });
  app.openapi(proofRoute, async (context) => {
    const person = requirePerson(context.get('caller'), ['enrolment']);
    const opened = await proveAgain(context.get('given').people, {
      ...context.req.valid('json'),
      ...{ person, from: fromOf(context) },
    });
    return context.json(await openedAnswer(context, opened), 200);
  });
}

// A session whose code was wrong is not left behind.
async function completed(context: Context<ApiEnv>, opened: OpenedSession, code: string): Promise<OpenedSession> {
  const { people } = context.get('given');
  const caller = (await callerOfSession(people.database, opened.token)) as Caller;
  const person = requirePerson(caller, ['second_factor']);
  try {
    return await passSecondFactor(people, { person, code, from: fromOf(context) });
  } catch (error) {
    await close(context, person, opened.id);
    throw error;
  }
}

// The session that the browser had before ends: its cookie is about to be replaced.
async function closeEarlier(context: Context<ApiEnv>): Promise<void> {
  const token = readSessionCookie(context);
  const earlier = token === null ? null : await callerOfSession(context.get('given').people.database, token);
  if (earlier?.session !== undefined) await close(context, earlier, earlier.session.id);
}

async function close(context: Context<ApiEnv>, caller: Caller, sessionId: string): Promise<number> {
  const actor = actorOfCaller(caller, fromOf(context));
  return await closeSessions(context.get('given').people, { actor, userId: caller.id as string, only: sessionId });
}
