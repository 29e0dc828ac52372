// The catalog of a source as a tree: products with their groups and options, or groups alone where the POS ties them to none.
import { type ReactNode, useState } from 'react';
import type { Item } from '../../api-types.ts';
import { Empty, MoreButton, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { addressOfItem, useModifiers } from '../../queries/items.ts';
import { usePages } from '../../queries/runs.ts';
import { money } from '../../words/quantities.ts';
import { useWords } from '../../words/words.ts';
import { ModifierGroups } from './modifier-groups.tsx';

interface TreeProps {
  sourceId: string;
  search: string | undefined;
  /** Opens an item in the drawer, by its address. */
  onOpen(address: string): void;
}

export function CatalogTree({ sourceId, search, onOpen }: TreeProps): ReactNode {
  const words = useWords();
  const relation = useModifiers(sourceId, { limit: 1 });
  if (relation.error !== null) return <Problem error={relation.error} onRetry={relation.refetch} />;
  if (relation.data === undefined) return <Waiting rows={10} />;
  if (relation.data.relation === 'path') return <Products sourceId={sourceId} search={search} onOpen={onOpen} />;
  if (relation.data.groups.length === 0) {
    return <Empty icon="tree" title={words.detail.catalog.noModifiers} />;
  }
  return <GroupsAlone sourceId={sourceId} onOpen={onOpen} />;
}

function Products({ sourceId, search, onOpen }: TreeProps): ReactNode {
  const words = useWords();
  const items = usePages<Item>('/items', { source_id: sourceId, kind: 'products', search, limit: 50 });
  if (items.error !== null) return <Problem error={items.error} onRetry={items.refetch} />;
  if (items.data === undefined) return <Waiting rows={10} />;
  if (items.data.rows.length === 0) return <Empty icon="search" title={words.catalog.filteredNone} />;
  return (
    <>
      <div className="tree">
        {items.data.rows.map((item) => (
          <Product key={item.id} item={item} onOpen={onOpen} />
        ))}
      </div>
      <MoreButton pages={items} />
    </>
  );
}

function Product({ item, onOpen }: { item: Item; onOpen(address: string): void }): ReactNode {
  const words = useWords();
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="branch" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span className="branch-name">{item.name ?? words.app.noName}</span>
        <span className="mono">{item.price === null ? '–' : money(item.price, item.currency)}</span>
      </summary>
      {isOpen ? (
        <>
          <Below item={item} onOpen={onOpen} />
          <button type="button" className="text-button small" onClick={() => onOpen(addressOfItem(item))}>
            {words.detail.explain.title}
          </button>
        </>
      ) : null}
    </details>
  );
}

/** What hangs under a product. */
export function Below({ item, onOpen }: { item: Item; onOpen(address: string): void }): ReactNode {
  const { catalog: words } = useWords().detail;
  const { source_id } = item;
  const tree = useModifiers(source_id, { product: item.external_id });
  if (tree.error !== null) return <Problem error={tree.error} onRetry={tree.refetch} />;
  if (tree.data === undefined) return <Waiting rows={3} />;
  if (tree.data.relation === 'none') return <p className="soft">{words.noRelation}</p>;
  if (tree.data.groups.length === 0) return <p className="soft">{words.noOptions}</p>;
  const open = (option: { external_id: string; path_id: string | null }) =>
    onOpen(addressOfItem({ source_id, kind: 'modifiers', ...option }));
  return <ModifierGroups tree={tree.data} onOpen={open} />;
}

function GroupsAlone({ sourceId, onOpen }: Omit<TreeProps, 'search'>): ReactNode {
  const { catalog: words } = useWords().detail;
  const tree = useModifiers(sourceId, {});
  if (tree.error !== null) return <Problem error={tree.error} onRetry={tree.refetch} />;
  if (tree.data === undefined) return <Waiting rows={10} />;
  const open = (option: { external_id: string; path_id: string | null }) =>
    onOpen(addressOfItem({ source_id: sourceId, kind: 'modifiers', ...option }));
  return (
    <>
      <p className="note">
        {words.noRelation} {words.noRelationText}
      </p>
      <div className="tree">
        {tree.data.groups.map((group) => (
          <details key={`${group.group_id} ${group.group_name}`} className="branch">
            <summary>
              <span className="branch-name">{group.group_name ?? group.group_id ?? words.noGroup}</span>
              <span className="soft small">{words.options(group.options.length)}</span>
            </summary>
            <ModifierGroups tree={{ ...tree.data, groups: [group], cut: false }} onOpen={open} />
          </details>
        ))}
      </div>
      {tree.data.cut ? <p className="soft small">{words.cut}</p> : null}
    </>
  );
}
