// What the pretend Square answers: credentials, version and parameters are checked, then pages come as the vendor sends them.
import { hash } from 'node:crypto';
import type { FakePosAnswer, FakePosRequest } from '../../fake-pos.ts';
import type { FakeObject } from './catalog-object.ts';
import { type FakeCatalog, fakeLocations } from './fake-catalog.ts';

/** The pretend seller and what is in force there; changed by tests. */
export interface FakeAccount {
  merchantId: string;
  catalog: FakeCatalog;
  /** Access tokens that are accepted. */
  accepted: Set<string>;
  scopes: Set<string>;
  clientId: string;
  clientSecret: string;
  refreshToken: string;
  /** Objects on one page at most, whatever limit is asked for: it is advisory. */
  pageSize: number;
  /** Raised to let all cursors expire. */
  cursorEpoch: number;
  issued: number;
}

const knownTypes = ['ITEM', 'ITEM_VARIATION', 'MODIFIER_LIST', 'MODIFIER', 'DISCOUNT', 'CATEGORY', 'TAX', 'IMAGE'];
const searchMembers = [
  'cursor',
  'object_types',
  'include_deleted_objects',
  'include_related_objects',
  'begin_time',
  'limit',
];

/** Square's form of an error. */
export function errorAnswer(status: number, category: string, code: string): FakePosAnswer {
  return { status, body: { errors: [{ category, code, detail: `Refused: ${code.toLowerCase()}` }] } };
}

const invalid = (code: string) => errorAnswer(400, 'INVALID_REQUEST_ERROR', code);

export function answerRequest(account: FakeAccount, request: FakePosRequest): FakePosAnswer {
  const version = request.headers['square-version'] ?? '';
  if (!/^\d{4}-\d\d-\d\d$/.test(version)) return invalid('INVALID_SQUARE_VERSION_FORMAT');
  if (version < '2023-06-08' || version > '2026-12-31') return invalid('API_VERSION_INCOMPATIBLE');
  const route = `${request.method} ${request.url.pathname}`;
  if (route === 'POST /oauth2/token') return issueToken(account, request.body);
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  if (!account.accepted.has(bearer)) return errorAnswer(401, 'AUTHENTICATION_ERROR', 'UNAUTHORIZED');
  const scope = request.url.pathname.startsWith('/v2/catalog/') ? 'ITEMS_READ' : 'MERCHANT_PROFILE_READ';
  if (!account.scopes.has(scope)) return errorAnswer(403, 'AUTHENTICATION_ERROR', 'INSUFFICIENT_SCOPES');
  switch (route) {
    case 'GET /v2/merchants/me':
      return { status: 200, body: { merchant: merchantOf(account) } };
    case 'GET /v2/locations':
      return { status: 200, body: { locations: locationsOf(account) } };
    case 'POST /v2/catalog/search':
      return search(account, bodyOf(request.body));
    case 'POST /v2/catalog/batch-retrieve':
      return retrieve(account, bodyOf(request.body));
    default:
      return errorAnswer(404, 'INVALID_REQUEST_ERROR', 'NOT_FOUND');
  }
}

function bodyOf(text: string): Record<string, unknown> {
  const body: unknown = JSON.parse(text);
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
}

function issueToken(account: FakeAccount, text: string): FakePosAnswer {
  const asked = bodyOf(text);
  const isRight =
    asked.client_id === account.clientId &&
    asked.client_secret === account.clientSecret &&
    asked.refresh_token === account.refreshToken;
  if (asked.grant_type !== 'refresh_token' || !isRight) return errorAnswer(401, 'AUTHENTICATION_ERROR', 'UNAUTHORIZED');
  account.issued++;
  const issued = `fake-access-${account.issued}`;
  account.accepted.add(issued);
  const body = {
    access_token: issued,
    token_type: 'bearer',
    expires_at: new Date(Date.now() + 30 * 86_400_000).toISOString(),
    merchant_id: account.merchantId,
    refresh_token: account.refreshToken,
    short_lived: false,
  };
  return { status: 200, body };
}

function merchantOf({ merchantId }: FakeAccount): Record<string, unknown> {
  return {
    id: merchantId,
    business_name: 'Corner Kitchen',
    country: 'US',
    language_code: 'en-US',
    currency: 'USD',
    status: 'ACTIVE',
    main_location_id: fakeLocations[0],
  };
}

function locationsOf({ merchantId }: FakeAccount): Record<string, unknown>[] {
  return fakeLocations.map((id, at) => ({
    id,
    name: ['Main Street', 'North', 'Pier'][at],
    address: { address_line_1: `${at + 1} Main St`, locality: 'Springfield', postal_code: '12345', country: 'US' },
    timezone: 'America/New_York',
    status: id === 'LPIER' ? 'INACTIVE' : 'ACTIVE',
    merchant_id: merchantId,
    country: 'US',
    currency: 'USD',
  }));
}

function search(account: FakeAccount, asked: Record<string, unknown>): FakePosAnswer {
  if (Object.keys(asked).some((member) => !searchMembers.includes(member))) return invalid('BAD_REQUEST');
  const types = asked.object_types;
  if (!Array.isArray(types) || types.some((type) => !knownTypes.includes(type))) return invalid('INVALID_ENUM_VALUE');
  const begin = asked.begin_time === undefined ? null : Date.parse(String(asked.begin_time));
  if (Number.isNaN(begin)) return invalid('INVALID_TIME');
  const place = placeOf(account, asked);
  if (place === null) return invalid('INVALID_CURSOR');
  // Deleted objects come back with a begin_time whatever the flag says, as users report.
  const withDeleted = begin !== null || asked.include_deleted_objects === true;
  const found: FakeObject[] = [];
  for (const object of account.catalog.objects(new Set(types))) {
    // Exclusive.
    const isChanged = begin === null || Date.parse(object.updated_at) > begin;
    if (isChanged && (withDeleted || !object.is_deleted)) found.push(object);
  }
  const limit = typeof asked.limit === 'number' && asked.limit > 0 && asked.limit <= 1_000 ? asked.limit : 100;
  const size = Math.min(limit, account.pageSize);
  // The second page of a longer search is empty and has a cursor: only its absence is the end.
  const objects = place.page === 1 ? [] : found.slice(place.from, place.from + size);
  const next = place.from + objects.length;
  return {
    status: 200,
    body: {
      ...(next < found.length ? { cursor: cursorOf(account, asked, { page: place.page + 1, from: next }) } : {}),
      ...(objects.length === 0 ? {} : { objects }),
      latest_time: account.catalog.latestTime,
    },
  };
}

interface Place {
  page: number;
  from: number;
}

function cursorOf({ cursorEpoch }: FakeAccount, asked: Record<string, unknown>, place: Place): string {
  return Buffer.from(JSON.stringify({ ...place, epoch: cursorEpoch, of: queryOf(asked) })).toString('base64url');
}

// A cursor belongs to the query that it came from.
function queryOf({ cursor: _, ...query }: Record<string, unknown>): string {
  return hash('sha256', JSON.stringify(query), 'hex').slice(0, 12);
}

function placeOf({ cursorEpoch }: FakeAccount, asked: Record<string, unknown>): Place | null {
  if (asked.cursor === undefined) return { page: 0, from: 0 };
  try {
    const { page, from, epoch, of } = JSON.parse(Buffer.from(String(asked.cursor), 'base64url').toString('utf8'));
    return epoch === cursorEpoch && of === queryOf(asked) ? { page, from } : null;
  } catch {
    return null;
  }
}

function retrieve({ catalog }: FakeAccount, asked: Record<string, unknown>): FakePosAnswer {
  const ids = asked.object_ids;
  if (!Array.isArray(ids) || ids.length === 0 || ids.length > 1_000) return invalid('ARRAY_LENGTH_TOO_LONG');
  const wanted = new Set(ids);
  const found: FakeObject[] = [];
  for (const object of catalog.objects(new Set(knownTypes))) {
    if (wanted.has(object.id) && (asked.include_deleted_objects === true || !object.is_deleted)) found.push(object);
  }
  return { status: 200, body: found.length === 0 ? {} : { objects: found } };
}
