// Who calls: a Bearer key that is the admin key or a stored API key; everybody else is turned away.

import type { Caller } from '../../access/caller.ts';
import { TillsyncError } from '../../errors.ts';
import type { FunctionsOptions } from './functions-options.ts';

// Longer than any key of ours and than a usual token; nobody makes us hash a megabyte.
const maxKeyLength = 8192;

/** The caller of a request. Throws TillsyncError (step 'auth', 401) when there is no valid key. */
export async function checkCaller(request: Request, options: FunctionsOptions): Promise<Caller> {
  const header = request.headers.get('authorization');
  if (header === null) throw refusal('api_key_missing', 'This call carries no API key.');
  const key = /^Bearer +(\S+)$/i.exec(header)?.[1];
  if (key === undefined || key.length > maxKeyLength) throw refusal('api_key_invalid', 'This API key is not valid.');
  if (options.adminKey !== null && options.adminKey !== '' && (await sameText(key, options.adminKey))) {
    return adminKey;
  }
  const caller = await options.authenticate(key);
  if (caller === null) throw refusal('api_key_invalid', 'This API key is not valid.');
  return caller;
}

const adminKey: Caller = {
  kind: 'admin_key',
  id: null,
  name: 'admin',
  grants: [{ access: 'admin', level: 'all', levelId: null }],
};

// Compares digests, so that the time taken says nothing about the key.
async function sameText(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([digest(one), digest(other)]);
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
}

function refusal(code: string, message: string): TillsyncError {
  return new TillsyncError(message, {
    code,
    step: 'auth',
    hint: 'Send Authorization: Bearer <api key>; make a key with `tillsync keys create`.',
  });
}
