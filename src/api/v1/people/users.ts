// Users as an admin of everything sees and changes them.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  addUser,
  closeSessions,
  removeUser,
  renameUserTo,
  setRoles,
  setUserDisabled,
} from '../../../access/people/accounts/change-users.ts';
import { linkUrl, type MadeLink, makeUserLink } from '../../../access/people/links/make-link.ts';
import { type Actor, actorOfCaller } from '../../../access/people/people-deps.ts';
import { userUnknown } from '../../../access/people/people-errors.ts';
import { takeFactorAway } from '../../../access/people/second-factor/enrol-factor.ts';
import { requireRecentProof } from '../../../access/people/sessions/caller-of-session.ts';
import { listUsers, readUser, type UserEntry } from '../../../records/people/read-users.ts';
import { isUuid } from '../../../records/row-values.ts';
import { publicOrigin } from '../../edge/client-address.ts';
import type { ApiApp, ApiEnv } from '../api-given.ts';
import { permits } from '../guards/permit.ts';
import { json, jsonBody, problems } from '../routes/responses.ts';
import { idParam, noQuery, pageQuery, pageSchema } from '../schemas/paging.ts';
import { emailText, endedSchema, linkSchema, nameText, roleSchema, userSchema } from './people-schemas.ts';
import { fromOf } from './session-answer.ts';

const tags = ['users'];
const oneUser = { params: idParam, query: noQuery };
const roles = z.array(roleSchema).max(100);

const listRoute = createRoute({
  ...permits('system'),
  method: 'get',
  path: '/v1/users',
  summary: 'All users, by e-mail',
  tags,
  request: { query: z.strictObject(pageQuery) },
  responses: { 200: json('A page of users; 100 unless asked otherwise.', pageSchema(userSchema)), ...problems },
});

const addRoute = createRoute({
  ...permits('system'),
  method: 'post',
  path: '/v1/users',
  summary: 'Add a user; the answer has the link with which they choose their password',
  tags,
  request: { query: noQuery, ...jsonBody(z.strictObject({ email: emailText, name: nameText, roles })) },
  responses: { 201: json('The user and the link.', z.object({ user: userSchema, link: linkSchema })), ...problems },
});

const showRoute = createRoute({
  ...permits('system'),
  method: 'get',
  path: '/v1/users/{id}',
  summary: 'One user',
  tags,
  request: oneUser,
  responses: { 200: json('The user.', userSchema), ...problems },
});

const changeRoute = createRoute({
  ...permits('system'),
  method: 'patch',
  path: '/v1/users/{id}',
  summary: 'Change name or e-mail, disable or enable; disabling ends all sessions',
  tags,
  request: {
    ...oneUser,
    ...jsonBody(
      z.strictObject({ name: nameText.optional(), email: emailText.optional(), disabled: z.boolean().optional() }),
    ),
  },
  responses: { 200: json('The user as it now stands.', userSchema), ...problems },
});

const removeRoute = createRoute({
  ...permits('system'),
  method: 'delete',
  path: '/v1/users/{id}',
  summary: 'Delete a user; history and audit log keep the name',
  tags,
  request: oneUser,
  responses: { 200: json('Who was deleted.', userSchema), ...problems },
});

const rolesRoute = createRoute({
  ...permits('system'),
  method: 'put',
  path: '/v1/users/{id}/roles',
  summary: 'Give a user exactly these roles; they count with the next request',
  tags,
  request: { ...oneUser, ...jsonBody(z.strictObject({ roles })) },
  responses: { 200: json('The user as it now stands.', userSchema), ...problems },
});

const linkRoute = createRoute({
  ...permits('system'),
  method: 'post',
  path: '/v1/users/{id}/link',
  summary: 'Make a link with which a user chooses a new password; earlier ones end',
  tags,
  request: oneUser,
  responses: { 201: json('The link.', linkSchema), ...problems },
});

const factorRoute = createRoute({
  ...permits('system'),
  method: 'delete',
  path: '/v1/users/{id}/second-factor',
  summary: 'Take the second factor of a user away, who lost the app and all recovery codes; their sessions end',
  tags,
  request: oneUser,
  responses: { 200: json('The user as it now stands.', userSchema), ...problems },
});

const sessionsRoute = createRoute({
  ...permits('system'),
  method: 'delete',
  path: '/v1/users/{id}/sessions',
  summary: 'End all sessions of a user',
  tags,
  request: oneUser,
  responses: { 200: json('How many ended.', endedSchema), ...problems },
});

/** Registers the routes of users. */
export function addUserRoutes(app: ApiApp): void {
  addReadingRoutes(app);
  addAccountRoutes(app);
  app.openapi(linkRoute, async (context) => {
    const actor = provenActor(context);
    const { id } = context.req.valid('param');
    const link = await makeUserLink(context.get('given').people, { actor, userId: id });
    return context.json(linkOf(context, link), 201);
  });
  app.openapi(factorRoute, async (context) => {
    const actor = provenActor(context);
    const { id } = context.req.valid('param');
    await takeFactorAway(context.get('given').people, { actor, userId: id });
    return context.json(await knownUser(context, id), 200);
  });
  app.openapi(sessionsRoute, async (context) => {
    const actor = actorOfCaller(context.get('caller'), fromOf(context));
    const { id } = context.req.valid('param');
    return context.json({ ended: await closeSessions(context.get('given').people, { actor, userId: id }) }, 200);
  });
}

function addReadingRoutes(app: ApiApp): void {
  app.openapi(listRoute, async (context) => {
    return context.json(await listUsers(context.get('given').people.database, context.req.valid('query')), 200);
  });
  app.openapi(showRoute, async (context) => {
    return context.json(await knownUser(context, context.req.valid('param').id), 200);
  });
}

function addAccountRoutes(app: ApiApp): void {
  app.openapi(addRoute, async (context) => {
    const actor = provenActor(context);
    const { user, link } = await addUser(context.get('given').people, { actor, ...context.req.valid('json') });
    return context.json({ user, link: linkOf(context, link) }, 201);
  });
  app.openapi(changeRoute, async (context) => {
    const actor = provenActor(context);
    const { people } = context.get('given');
    const { id } = context.req.valid('param');
    const { disabled, ...change } = context.req.valid('json');
    if (Object.keys(change).length > 0) await renameUserTo(people, { actor, userId: id, ...change });
    if (disabled !== undefined) await setUserDisabled(people, { actor, userId: id, disabled });
    return context.json(await knownUser(context, id), 200);
  });
  app.openapi(removeRoute, async (context) => {
    const actor = provenActor(context);
    const { id } = context.req.valid('param');
    return context.json(await removeUser(context.get('given').people, { actor, userId: id }), 200);
  });
  app.openapi(rolesRoute, async (context) => {
    const actor = provenActor(context);
    const { id } = context.req.valid('param');
    const { roles: wanted } = context.req.valid('json');
    return context.json(await setRoles(context.get('given').people, { actor, userId: id, roles: wanted }), 200);
  });
}

// Whoever found a browser open may look at users, and end sessions; not make themselves an admin.
function provenActor(context: Context<ApiEnv>): Actor {
  const caller = context.get('caller');
  requireRecentProof(caller);
  return actorOfCaller(caller, fromOf(context));
}

async function knownUser(context: Context<ApiEnv>, id: string): Promise<UserEntry> {
  const user = isUuid(id) ? await readUser(context.get('given').people.database, id) : null;
  if (user === null) throw userUnknown();
  return user;
}

function linkOf(context: Context<ApiEnv>, { token, purpose, expiresAt }: MadeLink) {
  return { purpose, url: linkUrl(publicOrigin(context), token), expires_at: expiresAt.toISOString() };
}
