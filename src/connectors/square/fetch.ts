// Fetching a Square catalog: whose credentials these are, then what changed since the last saved fetch, or everything.
import type { FetchContext, FetchEnd, FetchedPage } from '../connector.ts';
import { proveMerchant } from './account.ts';
import { readAll } from './reading/read-all.ts';
import { bringChanges, readChanges } from './reading/read-changes.ts';
import { readPosition, rememberedOf } from './reading/remembered.ts';
import { openSquare } from './requests.ts';

/**
 * Reads by POST /v2/catalog/search rather than GET /v2/catalog/list: pages of 1,000 objects instead of 100, and an answer
 * that says where reading changes begins (latest_time). Pages of a whole read are passed on as they come; a body that breaks
 * off is thrown by whoever reads it. Throws TillsyncError (step 'fetch'), identity_changed among them.
 */
export async function* fetchCatalog(context: FetchContext): AsyncGenerator<FetchedPage, FetchEnd, void> {
  const square = openSquare(context);
  await proveMerchant(square);
  const position = readPosition(context.since?.cursor);
  if (position === null) return yield* readAll(square, []);
  const changes = await readChanges(square, position);
  const { judgement, objects, latestTime } = changes;
  if (judgement.means === 'all') return yield* readAll(square, objects);
  if (judgement.means === 'nothing' && context.since?.probe !== undefined) {
    const remember = latestTime === position.latestTime ? null : rememberedOf(latestTime, objects);
    return { complete: true, unchanged: true, ...(remember === null ? {} : { remember }) };
  }
  const missingItems = judgement.means === 'delta' ? judgement.missingItems : [];
  return yield* bringChanges(square, position, { ...changes, missingItems });
}
