// Cursors: where a page of a list ended, as opaque text for callers.
import { inputError, type TillsyncError } from '../errors.ts';
import { isUuid } from './row-values.ts';

/** One page of a list; `next` asks for the following page, null = this was the last. */
export interface Page<Row> {
  data: Row[];
  next: string | null;
}

/** A page asked for: `limit` rows (1 to 1,000), from where `cursor` ended. */
export interface PageRequest {
  limit?: number | undefined;
  cursor?: string | undefined;
}

/** The cursor that stands for these sort values. */
export function writeCursor(values: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

/** The sort values behind a cursor, `length` of them; null = the list's beginning. Throws TillsyncError cursor_invalid. */
export function readCursor(cursor: string | undefined, length: number): (string | number)[] | null {
  if (cursor === undefined) return null;
  let values: unknown;
  try {
    values = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    values = null;
  }
  const isRight =
    Array.isArray(values) &&
    values.length === length &&
    values.every((value) => typeof value === 'string' || typeof value === 'number');
  if (isRight) return values as (string | number)[];
  throw cursorInvalid();
}

/** The same for lists in the order of time and id, whose cursors hold the time with microseconds. */
export function readTimeCursor(cursor: string | undefined): (string | number)[] | null {
  const values = readCursor(cursor, 2);
  if (values === null) return null;
  const [time, id] = values.map(String) as [string, string];
  if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(time) && Number.isFinite(Date.parse(time)) && isUuid(id)) return values;
  throw cursorInvalid();
}

function cursorInvalid(): TillsyncError {
  return inputError(
    'cursor_invalid',
    'The cursor of the next page is not one that this list gave out.',
    'Ask for the first page again, without a cursor.',
  );
}

/** The number of rows of a page, within 1 to 1,000. Throws TillsyncError limit_invalid. */
export function pageLimit(request: PageRequest, preset: number): number {
  const limit = request.limit ?? preset;
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1000) return limit;
  throw inputError('limit_invalid', `A page cannot have ${limit} rows.`, 'Ask for 1 to 1000 rows.');
}

/** A page from one row more than asked for: the extra row only says that there is a next page. */
export function pageOf<Row>(rows: Row[], limit: number, cursorOf: (last: Row) => string): Page<Row> {
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  return { data, next: rows.length > limit && last !== undefined ? cursorOf(last) : null };
}

/** Sort values of an item inside its kind, as `itemOrder` sorts: a missing path comes before every path. */
export function itemPosition(item: { external_id: string; path_id: string | null }): (string | number)[] {
  return [item.external_id, item.path_id === null ? 0 : 1, item.path_id ?? ''];
}

/** The order of items with one external id, in SQL; row comparison with NULLs would lose rows. */
export const pathOrder = `(path_id is not null)::int, coalesce(path_id, '')`;

/** The order that goes with `itemPosition`, in SQL. */
export const itemOrder = `external_id, ${pathOrder}`;
