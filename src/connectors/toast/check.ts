// The steps of Test connection at Toast: the credentials, what they may read, and which restaurant answers.
import { TillsyncError } from '../../errors.ts';
import type { CheckStep, FetchContext } from '../connector.ts';
import { checkIdentity, openToast, readMetadata } from './reading/ask-toast.ts';
import { readSettings } from './settings.ts';

/** Three requests at most; /menus itself is asked by the fetch that follows. Errors that no setting can mend are thrown. */
export async function* check(context: FetchContext): AsyncGenerator<CheckStep, void, void> {
  const { restaurant_guid, menus_version } = readSettings(context.settings.params);
  const toast = openToast(context);
  await context.accessToken?.();
  yield { step: 'login', ok: true, message: 'Toast accepts the client id and its secret.' };

  const published = await permitted(readMetadata(toast, menus_version));
  if (published === null) {
    yield refused(`Toast does not let this client read the menus of restaurant ${restaurant_guid}.`, 'menus:read');
    return;
  }
  const discounts = await permitted(toast.ask('/config/v2/discounts'));
  if (discounts === null) {
    yield refused(`Toast does not let this client read the discounts of restaurant ${restaurant_guid}.`, 'config:read');
    return;
  }
  discounts.discard();
  yield { step: 'permission', ok: true, message: 'The client may read menus and discounts.' };

  checkIdentity(toast, { asked: restaurant_guid, answered: published.restaurantGuid });
  const when = published.lastUpdated === null ? '' : `, last published ${published.lastUpdated.slice(0, 40)}`;
  yield { step: 'identity', ok: true, message: `Restaurant ${restaurant_guid}${when}.` };
}

async function permitted<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof TillsyncError && error.code === 'upstream_auth') return null;
    throw error;
  }
}

function refused(message: string, scope: string): CheckStep {
  const hint = `Check restaurant_guid, that the restaurant has connected your integration, and that the client has the scope ${scope}.`;
  return { step: 'permission', ok: false, message, hint };
}
