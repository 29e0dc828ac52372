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
  const list = listOf(path, url, inventory);
  return list === null ? refusal(404, 'not found') : pageOf(list, url, inventory);
}

/** Rows in their order, and one of them as it is answered: only those of the page are made. */
interface List {
  slice(from: number, to: number): Row[];
}

function listed<T>(rows: readonly T[], show: (row: T) => Row): List {
  return { slice: (from, to) => rows.slice(from, to).map(show) };
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

function listOf(path: readonly string[], url: URL, inventory: FakeInventory): List | null {
  const expand = expanded(url);
  const [list, id, below] = path;
  if (list === 'items' && id === undefined) return itemList(url, inventory);
  if (list === 'discounts' && id === undefined) return listed(inventory.discounts, (row) => ({ ...row }));
  if (list === 'items' && below === 'modifier_groups') return groupsOfItem(inventory, id ?? '');
  if (list !== 'modifier_groups') return null;
  if (id === undefined) {
    return listed(inventory.groups, ({ modifiers, ...group }) =>
      expand.has('modifiers') ? { ...group, modifiers: nested(modifiers) } : group,
    );
  }
  const group = inventory.groups.find((each) => each.id === id);
  return below === 'modifiers' && group !== undefined ? listed(group.modifiers, (row) => ({ ...row })) : null;
}

function itemList(url: URL, { items, groups }: FakeInventory): List {
  const expand = expanded(url);
  const filters = url.searchParams.getAll('filter');
  const from = Math.max(0, ...filters.map(since));
  // Deleted rows come only where they are asked for.
  const asksDeleted = filters.includes('deleted=true');
  const shown = items.filter((item) => isDeleted(item) === asksDeleted && item.modifiedTime >= from);
  const names = new Map(groups.map(({ id, name }) => [id, name]));
  return listed(shown, ({ groups: links, categories, ...item }) => ({
    ...item,
    ...(expand.has('categories') ? { categories: nested(categories) } : {}),
    ...(expand.has('modifierGroups')
      ? { modifierGroups: nested(links.map((id) => ({ id, name: names.get(id) }))) }
      : {}),
  }));
}

function groupsOfItem({ items, groups }: FakeInventory, id: string): List | null {
  const item = items.find((each) => each.id === id);
  if (item === undefined) return null;
  const names = new Map(groups.map((group) => [group.id, group.name]));
  return listed(item.groups, (group) => ({ id: group, name: names.get(group) }));
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

function pageOf(rows: List, url: URL, { note }: FakeInventory): FakePosAnswer {
  const limit = Number(url.searchParams.get('limit') ?? 100);
  const offset = Number(url.searchParams.get('offset') ?? 0);
  if (!(limit >= 1 && limit <= 1_000 && offset >= 0)) return refusal(400, 'limit must be 1 to 1000');
  const elements = rows.slice(offset, offset + limit);
  return {
    status: 200,
    body: { elements, href: `https://fake.example${url.pathname}${url.search}`, ...(note && { clover_page: note }) },
  };
}
