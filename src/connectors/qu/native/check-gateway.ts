// Trying a connection to Qu's gateway: the token, the integration on this location, and whether the location has the menu.
import { isObject, readText } from '../../../catalog/raw-fields.ts';
import { type Json, parseForeign } from '../../../json.ts';
import type { CheckStep, FetchContext } from '../../connector.ts';
import { isNative } from '../settings.ts';
import { askGateway } from './ask-gateway.ts';
import { locationUrl, readNative } from './native-settings.ts';

const mostBytes = 1024 * 1024;

/** The steps of *Test connection*; the intermediary form has none of its own. A TillsyncError that it throws is such a step. */
export async function* checkGateway(context: FetchContext): AsyncGenerator<CheckStep, void, void> {
  const { params } = context.settings;
  if (!isNative(params)) return;
  const { establishment, location_id, order_type_id = '' } = readNative(params);
  await context.accessToken?.();
  yield { step: 'login', ok: true, message: 'Qu issued an access token.' };
  const text = await (await askGateway(context, locationUrl(params))).text(mostBytes);
  yield {
    step: 'permission',
    ok: true,
    message: `The integration may read the location ${location_id ?? establishment}.`,
  };
  const types = orderTypes(parsed(text));
  if (types === null) return;
  const isKnown = types.includes(order_type_id);
  yield {
    step: 'identity',
    ok: isKnown,
    message: isKnown
      ? `The location has the order type ${order_type_id}.`
      : `The location has no order type ${order_type_id}, but ${types.length === 0 ? 'none at all' : types.slice(0, 10).join(', ')}.`,
    ...(isKnown ? {} : { hint: 'Correct order_type_id, or location_id.' }),
  };
}

/** Ids of the location's order types; null where the answer does not tell them. */
function orderTypes(answer: Json): string[] | null {
  const value = isObject(answer) ? answer.value : null;
  const options = isObject(value) ? value.contextOptions : null;
  const list = isObject(options) ? options.orderTypes : null;
  if (!Array.isArray(list)) return null;
  return list.map((type) => (isObject(type) ? readText(type.id) : null) ?? '').filter((id) => id !== '');
}

function parsed(text: string): Json {
  // What is no JSON tells no order types; the first page is tried after this, with its own words.
  return parseForeign(text) ?? null;
}
