// How the pretend Clover answers a request below a merchant: offset paging, filters, expansion with nested lists cut at 100.
import type { FakePosAnswer, FakePosRequest } from '../../fake-pos.ts';
import type { FakeInventory, FakeItem } from './inventory.ts';

type Row = { [key: string]: unknown };

const mostNested = 100;

/** Answers GET /v3/merchants/{mId} and its lists; 4xx for all else. */
export function answerRequest({ method, url }: FakePosRequest, inventory: FakeInventory): FakePosAnswer {
  if (method !== 'GET') return refusal(405, 'method not allowed');
  const [root, version, merchants, merchant, ...path] = url.pathname.split('/');
  if (root !== '' || version !== 'v3' || merchants !== 'merchants') return refusal(404, 'not found');
  // A credential reads its own merchant.
  if (merchant !== inventory.merchant.id) return refusal(401, 'unauthorized');
  if (path.length === 0) return { status: 200, body: merchantRow(inventory, expanded(url)) };
  const rows = rowsOf(path, url, inventory);
  return rows === null ? refusal(404, 'not found') : pageOf(rows, url);
}

function refusal(status: number, message: string): FakePosAnswer {
  return { status, body: { message } };
}

function expanded(url: URL): Set<string> {
  return new Set((url.searchParams.get('expand') ?? '').split(','));
}

function merchantRow({ merchant }: FakeInventory, expand: ReadonlySet<string>): Row {
  const properties = { defaultCurrency: merchant.currency, timezone: 'America/Chicago' };
  const address = { address1: '1 Main Street', city: 'Springfield', state: 'IL', zip: '62701', country: 'US' };
  return {
    id: merchant.id,
    name: merchant.name,
    ...(expand.has('properties') ? { properties } : {}),
    ...(expand.has('address') ? { address } : {}),
  };
}

function rowsOf(path: readonly string[], url: URL, inventory: FakeInventory): Row[] | null {
  const expand = expanded(url);
  const [list, id, below] = path;
  if (list === 'items' && id === undefined) return itemRows(url, inventory);
  if (list === 'discounts' && id === undefined) return inventory.discounts.map((row) => ({ ...row }));
  if (list !== 'modifier_groups') return null;
  if (id === undefined) {
    return inventory.groups.map(({ modifiers, ...group }) =>
      expand.has('modifiers') ? { ...group, modifiers: nested(modifiers) } : group,
    );
  }
  const group = inventory.groups.find((each) => each.id === id);
  return below === 'modifiers' && group !== undefined ? group.modifiers.map((row) => ({ ...row })) : null;
}

function itemRows(url: URL, { items, groups }: FakeInventory): Row[] {
  const expand = expanded(url);
  const filters = url.searchParams.getAll('filter');
  const byId = new Map(groups.map((group) => [group.id, group]));
  // Deleted rows come only where they are asked for.
  const shown = filters.includes('deleted=true') ? items.filter(isDeleted) : items.filter((item) => !isDeleted(item));
  return shown
    .filter((item) => filters.every((filter) => item.modifiedTime >= since(filter)))
    .map(({ groups: links, categories, ...item }) => ({
      ...item,
      ...(expand.has('categories') ? { categories: nested(categories) } : {}),
      ...(expand.has('modifierGroups')
        ? { modifierGroups: nested(links.map((link) => ({ id: link, name: byId.get(link)?.name }))) }
        : {}),
    }));
}

function isDeleted({ deletedTime }: FakeItem): boolean {
  return deletedTime !== undefined;
}

function since(filter: string): number {
  return Number(/^modifiedTime>=(\d+)$/.exec(filter)?.[1] ?? 0);
}

/** A nested list ends at 100, and nothing says so. */
function nested(rows: readonly object[]): Row {
  return { elements: rows.slice(0, mostNested) };
}

function pageOf(rows: readonly Row[], url: URL): FakePosAnswer {
  const limit = Number(url.searchParams.get('limit') ?? 100);
  const offset = Number(url.searchParams.get('offset') ?? 0);
  if (!(limit >= 1 && limit <= 1_000 && offset >= 0)) return refusal(400, 'limit must be 1 to 1000');
  const elements = rows.slice(offset, offset + limit);
  return { status: 200, body: { elements, href: `https://fake.example${url.pathname}${url.search}` } };
}
