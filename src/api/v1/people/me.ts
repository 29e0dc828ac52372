// What people see and change of themselves: name, e-mail, password, sessions.
import { createRoute, z } from '@hono/zod-openapi';
import { closeSessions, renameUserTo } from '../../../access/people/accounts/change-users.ts';
import { actorOfCaller } from '../../../access/people/people-deps.ts';
import { after, peopleTimes } from '../../../access/people/people-times.ts';
import { requirePerson, requireRecentProof } from '../../../access/people/sessions/caller-of-session.ts';
import { changePassword } from '../../../access/people/sessions/prove-again.ts';
import { listSessions } from '../../../records/people/sessions.ts';
import type { ApiApp } from '../api-given.ts';
import { permits } from '../guards/permit.ts';
import { json, jsonBody, problems } from '../routes/responses.ts';
import { idParam, noQuery, pageSchema } from '../schemas/paging.ts';
import {
  codeText,
  emailText,
  endedSchema,
  nameText,
  openSessionSchema,
  passwordText,
  sessionSchema,
  userSchema,
} from './people-schemas.ts';
import { fromOf, openedAnswer } from './session-answer.ts';

const tags = ['me'];

const changeRoute = createRoute({
  ...permits('self'),
  method: 'patch',
  path: '/v1/me',
  summary: 'Change the own name, or (after a recent proof) e-mail',
  tags,
  request: {
    query: noQuery,
    ...jsonBody(z.strictObject({ name: nameText.optional(), email: emailText.optional() })),
  },
  responses: { 200: json('The user as it now stands.', userSchema), ...problems },
});

const passwordRoute = createRoute({
  ...permits('self'),
  method: 'post',
  path: '/v1/me/password',
  summary: 'Change the own password; all other sessions end',
  tags,
  request: {
    query: noQuery,
    ...jsonBody(z.strictObject({ password: passwordText, new_password: passwordText, code: codeText.optional() })),
  },
  responses: { 200: json('The session, with a new token.', sessionSchema), ...problems },
});

const listRoute = createRoute({
  ...permits('self'),
  method: 'get',
  path: '/v1/me/sessions',
  summary: 'The own sessions that are in force, last used first',
  tags,
  request: { query: noQuery },
  responses: { 200: json('All of them.', pageSchema(openSessionSchema)), ...problems },
});

const endRoute = createRoute({
  ...permits('self'),
  method: 'delete',
  path: '/v1/me/sessions/{id}',
  summary: 'End one of the own sessions',
  tags,
  request: { params: idParam, query: noQuery },
  responses: { 200: json('How many ended: one, or none was there.', endedSchema), ...problems },
});

const endOthersRoute = createRoute({
  ...permits('self'),
  method: 'delete',
  path: '/v1/me/sessions',
  summary: 'End all of the own sessions but this one',
  tags,
  request: { query: noQuery },
  responses: { 200: json('How many ended.', endedSchema), ...problems },
});

/** Registers the routes about oneself. */
export function addMeRoutes(app: ApiApp): void {
  app.openapi(changeRoute, async (context) => {
    const person = requirePerson(context.get('caller'));
    const change = context.req.valid('json');
    if (change.email !== undefined) requireRecentProof(person);
    const actor = actorOfCaller(person, fromOf(context));
    const user = await renameUserTo(context.get('given').people, { actor, userId: person.id, ...change });
    return context.json(user, 200);
  });
  app.openapi(passwordRoute, async (context) => {
    const person = requirePerson(context.get('caller'));
    const { new_password: newPassword, ...proof } = context.req.valid('json');
    const given = { ...proof, newPassword, person, from: fromOf(context) };
    return context.json(await openedAnswer(context, await changePassword(context.get('given').people, given)), 200);
  });
  app.openapi(listRoute, async (context) => {
    const { id, session } = requirePerson(context.get('caller'));
    const now = new Date();
    const idleSince = after(now, -peopleTimes.sessionIdle);
    const sessions = await listSessions(context.get('given').people.database, { userId: id, now, idleSince });
    const data = sessions.map((one) => ({ ...one, current: one.id === session.id }));
    return context.json({ data, next: null }, 200);
  });
  app.openapi(endRoute, async (context) => {
    const person = requirePerson(context.get('caller'));
    const asked = { actor: actorOfCaller(person, fromOf(context)), userId: person.id };
    const { id } = context.req.valid('param');
    return context.json({ ended: await closeSessions(context.get('given').people, { ...asked, only: id }) }, 200);
  });
  app.openapi(endOthersRoute, async (context) => {
    const person = requirePerson(context.get('caller'));
    const asked = { actor: actorOfCaller(person, fromOf(context)), userId: person.id };
    const ended = await closeSessions(context.get('given').people, { ...asked, except: person.session.id });
    return context.json({ ended }, 200);
  });
}
