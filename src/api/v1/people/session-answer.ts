// A session in an answer: its cookie, and who is signed in; its token is nowhere else.
import type { Context } from 'hono';
import type { SessionNeeds } from '../../../access/caller.ts';
import { notSignedIn } from '../../../access/people/people-errors.ts';
import { requirePerson } from '../../../access/people/sessions/caller-of-session.ts';
import type { From, OpenedSession } from '../../../access/people/sign-in/sign-in.ts';
import { readUser } from '../../../records/people/read-users.ts';
import { setSessionCookie } from '../../edge/session-cookie.ts';
import type { ApiEnv } from '../api-given.ts';

/** Where the request comes from. */
export function fromOf(context: Context<ApiEnv>): From {
  const userAgent = context.req.header('user-agent') ?? null;
  return { address: context.get('address'), userAgent, requestId: context.get('requestId') };
}

/** Sets the cookie of a session that was opened or renewed a moment ago, and answers as GET /v1/session does. */
export async function openedAnswer(context: Context<ApiEnv>, opened: OpenedSession) {
  const now = new Date();
  setSessionCookie(context, opened.token, Math.floor((opened.expiresAt.getTime() - now.getTime()) / 1000));
  return await answer(context, { ...opened, provedAt: now });
}

/** Who is signed in by this request. */
export async function currentAnswer(context: Context<ApiEnv>) {
  const { id, session } = requirePerson(context.get('caller'), ['second_factor', 'enrolment']);
  return await answer(context, { ...session, userId: id });
}

async function answer(
  context: Context<ApiEnv>,
  of: { id: string; userId: string; needs: SessionNeeds; provedAt: Date },
) {
  const user = await readUser(context.get('given').people.database, of.userId);
  if (user === null) throw notSignedIn();
  return { id: of.id, needs: of.needs, proved_at: of.provedAt.toISOString(), user };
}
