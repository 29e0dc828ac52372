// Finds out who calls /api: a Bearer key, or the session that a browser's cookie names.
import type { Caller } from '../../../access/caller.ts';
import { checkCaller } from '../../functions/check-caller.ts';
import type { ApiOptions } from '../api-given.ts';

/** The caller of a request. Throws TillsyncError api_key_missing, api_key_invalid (401). */
export async function findCaller(request: Request, options: ApiOptions): Promise<Caller> {
  return await checkCaller(request, options);
}
