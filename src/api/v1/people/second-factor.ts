// The own second factor: set up, confirmed by its first code, taken away; and its recovery codes.
import { createRoute, z } from '@hono/zod-openapi';
import { actorOfCaller } from '../../../access/people/people-deps.ts';
import { drawQr } from '../../../access/people/second-factor/draw-qr.ts';
import {
  confirmFactor,
  enrolFactor,
  renewRecoveryCodes,
  takeFactorAway,
} from '../../../access/people/second-factor/enrol-factor.ts';
import { requirePerson, requireRecentProof } from '../../../access/people/sessions/caller-of-session.ts';
import type { ApiApp } from '../api-given.ts';
import { permits } from '../guards/permit.ts';
import { json, jsonBody, problems } from '../routes/responses.ts';
import { noQuery } from '../schemas/paging.ts';
import { codeText, enrolmentSchema, recoveryCodesSchema, sessionSchema } from './people-schemas.ts';
import { fromOf, openedAnswer } from './session-answer.ts';

const tags = ['me'];

const enrolRoute = createRoute({
  ...permits('self'),
  method: 'post',
  path: '/v1/me/second-factor',
  summary: 'Get a secret for an app; it is in force when its first code is given (after a recent proof)',
  tags,
  request: { query: noQuery },
  responses: { 200: json('The secret, as text and as a QR code.', enrolmentSchema), ...problems },
});

const confirmRoute = createRoute({
  ...permits('self'),
  method: 'post',
  path: '/v1/me/second-factor/confirm',
  summary: 'Give the first code of the app; all other sessions end',
  tags,
  request: { query: noQuery, ...jsonBody(z.strictObject({ code: codeText })) },
  responses: {
    200: json(
      'The session, with a new token, and the recovery codes.',
      sessionSchema.extend(recoveryCodesSchema.shape),
    ),
    ...problems,
  },
});

const removeRoute = createRoute({
  ...permits('self'),
  method: 'delete',
  path: '/v1/me/second-factor',
  summary: 'Take the second factor away (after a recent proof); all other sessions end',
  tags,
  request: { query: noQuery },
  responses: { 200: json('It is gone.', z.object({ removed: z.literal(true) })), ...problems },
});

const codesRoute = createRoute({
  ...permits('self'),
  method: 'post',
  path: '/v1/me/recovery-codes',
  summary: 'Get new recovery codes instead of the old ones (after a recent proof)',
  tags,
  request: { query: noQuery },
  responses: { 200: json('The new codes.', recoveryCodesSchema), ...problems },
});

/** Registers the routes of the own second factor. */
export function addSecondFactorRoutes(app: ApiApp): void {
  app.openapi(enrolRoute, async (context) => {
    const person = requirePerson(context.get('caller'), ['enrolment']);
    const { uri, secret } = await enrolFactor(context.get('given').people, { person, from: fromOf(context) });
    return context.json({ uri, secret, qr: drawQr(uri) }, 200);
  });
  app.openapi(confirmRoute, async (context) => {
    const person = requirePerson(context.get('caller'), ['enrolment']);
    const { code } = context.req.valid('json');
    const confirmed = await confirmFactor(context.get('given').people, { person, code, from: fromOf(context) });
    const session = await openedAnswer(context, confirmed);
    return context.json({ ...session, recovery_codes: confirmed.recoveryCodes }, 200);
  });
  app.openapi(removeRoute, async (context) => {
    const person = requirePerson(context.get('caller'));
    requireRecentProof(person);
    await takeFactorAway(context.get('given').people, {
      actor: actorOfCaller(person, fromOf(context)),
      ...{ userId: person.id, keep: person.session.id },
    });
    return context.json({ removed: true as const }, 200);
  });
  app.openapi(codesRoute, async (context) => {
    const person = requirePerson(context.get('caller'));
    const codes = await renewRecoveryCodes(context.get('given').people, { person, from: fromOf(context) });
    return context.json({ recovery_codes: codes }, 200);
  });
}
