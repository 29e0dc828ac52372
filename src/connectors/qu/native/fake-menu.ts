// An invented native Qu menu: the tree whose rows are those of an invented intermediary catalog, with the same keys.
import type { Json } from '../../../json.ts';
import type { FakeCatalog, FakeItem } from '../fake-catalog.ts';

export type FakeNode = { [key: string]: Json } & { children: FakeNode[] };

const rootId = 47_587;

/** Menu → category → product → group → modifier. Every second group hangs below two products, so its modifiers come twice. */
export function makeMenu({ menuItems, modifiers }: FakeCatalog): FakeNode {
  const root = nodeOf({ id: String(rootId), title: 'Master Menu', itemType: 10, above: null });
  const products: FakeNode[] = [];
  const byCategory = Map.groupBy(menuItems, parentOf);
  for (const [category, items] of byCategory) {
    const above = nodeOf({ id: category, title: `Category ${category}`, itemType: 7, above: root });
    products.push(...items.map((item) => itemOf(item, above)));
  }
  const groups = [...Map.groupBy(modifiers, parentOf)];
  for (const [index, [id, items]] of groups.entries()) {
    for (let copy = 0; copy <= index % 2; copy++) {
      const product = products[(index + copy) % products.length];
      if (product === undefined) break;
      const title = String((items[0] as FakeItem & { modifierGroup: FakeItem }).modifierGroup.name);
      const group = nodeOf({ id, title, itemType: 3, above: product });
      for (const item of items) itemOf(item, group);
    }
  }
  addDeleted(root);
  return {
    menuSnapshotId: 'snapshot-1',
    context: { companyId: 1, locationId: 17, orderChannelId: 1, orderTypeId: 2 },
    children: [root],
  };
}

interface Told {
  id: string;
  title: string;
  itemType: number;
  above: FakeNode | null;
}

function nodeOf({ id, title, itemType, above }: Told): FakeNode {
  const parentPathKey = above === null ? null : String(above.itemPathKey);
  const node: FakeNode = {
    itemMasterId: Number(id),
    title,
    itemPathKey: parentPathKey === null ? id : `${parentPathKey}-${id}`,
    parentPathKey,
    itemType,
    displayAttribute: { plu: null },
    deleted: false,
    children: [],
  };
  above?.children.push(node);
  return node;
}

function itemOf(item: FakeItem, above: FakeNode): FakeNode {
  const [, id = ''] = String(item.pathId).split('-');
  const node = nodeOf({ id, title: String(item.name), itemType: 1, above });
  const { displayAttribute, priceAttribute, prices, isOutOfStock } = item;
  return Object.assign(node, { displayAttribute, priceAttribute, prices, isOutOfStock });
}

/** A product that is gone, with a modifier below it that does not say so itself. */
function addDeleted(root: FakeNode): void {
  const product = nodeOf({ id: '99001', title: 'Gone', itemType: 1, above: root });
  product.deleted = true;
  const group = nodeOf({ id: '99002', title: 'Group of what is gone', itemType: 3, above: product });
  nodeOf({ id: '99003', title: 'Gone, too', itemType: 1, above: group });
}

function parentOf(item: FakeItem): string {
  return String(item.pathId).split('-')[0] as string;
}
