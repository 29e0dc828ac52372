// The catalog as it stands in the database: searched and filtered by the address, one item in a drawer.
import { type ReactNode, useEffect } from 'react';
import type { Item } from '../../api-types.ts';
import { ChoiceField, TextField } from '../../parts/filter-field.tsx';
import { Empty, MoreButton, PageHead, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { type Search, useFilter } from '../../parts/use-filter.ts';
import { When } from '../../parts/when.tsx';
import { useSources } from '../../queries/configs.ts';
import { addressOfItem } from '../../queries/items.ts';
import { type Pages, usePages } from '../../queries/runs.ts';
import { money } from '../../words/quantities.ts';
import { kinds } from '../../words/result.ts';
import { useWords } from '../../words/words.ts';
import { CatalogTree } from './catalog-tree.tsx';
import { ItemDrawer } from './item-drawer.tsx';

const rowsOfPage = 50;

export function CatalogPage(): ReactNode {
  const words = useWords();
  const [filter, setFilter] = useFilter();
  const isTree = filter.view === 'tree';
  const open = (item: string) => setFilter({ item });
  return (
    <>
      <PageHead title={words.pages.catalog}>{words.catalog.intro}</PageHead>
      <Filters filter={filter} setFilter={setFilter} isTree={isTree} />
      {isTree ? (
        <Tree filter={filter} onOpen={open} />
      ) : (
        <Items filter={filter} onOpen={(item) => open(addressOfItem(item))} />
      )}
      <ItemDrawer address={filter.item} onClose={() => setFilter({ item: undefined })} onOpen={open} />
    </>
  );
}

interface FilterProps {
  filter: Search;
  setFilter(change: Search): void;
  isTree: boolean;
}

function Filters({ filter, setFilter, isTree }: FilterProps): ReactNode {
  const { catalog, detail, kinds: kindWords } = useWords();
  const { catalog: own } = detail;
  const sources = useSources();
  return (
    <search className="filters">
      <ChoiceField
        label={own.view}
        value={filter.view}
        choices={[
          ['', own.list],
          ['tree', own.tree],
        ]}
        onChange={(view) => setFilter({ view })}
      />
      <TextField label={catalog.search} value={filter.search} onChange={(search) => setFilter({ search })} />
      <ChoiceField
        label={catalog.source}
        value={filter.source}
        choices={[['', catalog.allSources], ...(sources.data ?? []).map(({ id, name }) => [id, name] as const)]}
        onChange={(source) => setFilter({ source })}
      />
      {isTree ? null : (
        <>
          <TextField label={own.externalId} value={filter.id} onChange={(id) => setFilter({ id })} />
          <ChoiceField
            label={catalog.kind}
            value={filter.kind}
            choices={[['', catalog.allKinds], ...kinds.map((kind) => [kind, kindWords[kind]] as const)]}
            onChange={(kind) => setFilter({ kind })}
          />
          <ChoiceField
            label={own.state}
            value={filter.removed}
            choices={[
              ['', own.live],
              ['true', own.gone],
              ['all', own.all],
            ]}
            onChange={(removed) => setFilter({ removed })}
          />
        </>
      )}
    </search>
  );
}

function Tree({ filter, onOpen }: { filter: Search; onOpen(address: string): void }): ReactNode {
  const { catalog: words } = useWords().detail;
  const asked = useSources();
  if (asked.error !== null && asked.data === undefined) return <Problem error={asked.error} onRetry={asked.refetch} />;
  if (asked.data === undefined) return <Waiting rows={10} />;
  const sources = asked.data;
  // Where there is one source only, nobody has to choose.
  const chosen = filter.source === undefined || filter.source === '' ? undefined : filter.source;
  const sourceId = chosen ?? (sources.length === 1 ? sources[0]?.id : undefined);
  if (sourceId === undefined) return <Empty icon="tree" title={words.choose} />;
  return <CatalogTree key={sourceId} sourceId={sourceId} search={filter.search} onOpen={onOpen} />;
}

function Items({ filter, onOpen }: { filter: Search; onOpen(item: Item): void }): ReactNode {
  const words = useWords();
  const { search, kind, source, removed, id } = filter;
  const query = { search, kind, source_id: source, external_id: id, removed, limit: rowsOfPage };
  const items = usePages<Item>('/items', query);
  const isLooking = useLookOn(items, search);
  if (items.error !== null && items.data === undefined) return <Problem error={items.error} onRetry={items.refetch} />;
  if (items.data === undefined) return <Waiting rows={12} />;
  if (items.data.rows.length === 0) {
    if (isLooking) return <Waiting rows={12} />;
    const isFiltered = [search, kind, source, removed, id].some((value) => value !== undefined && value !== '');
    return isFiltered ? (
      <Empty icon="search" title={words.catalog.filteredNone} />
    ) : (
      <Empty icon="box" title={words.catalog.none}>
        {words.catalog.noneText}
      </Empty>
    );
  }
  return (
    <>
      <ItemsTable items={items.data.rows} onOpen={onOpen} />
      {isLooking ? (
        <p className="more soft" role="status">
          {words.catalog.looking}
        </p>
      ) : (
        <MoreButton pages={items} />
      )}
    </>
  );
}

/** A page of a search is short where it has looked at its share of the catalog: then the next one looks on by itself. */
function useLookOn(items: Pages<Item>, search: string | undefined): boolean {
  const { data, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = items;
  const isWanted = search !== undefined && search !== '' && hasNextPage && !isFetchNextPageError;
  const isLooking = isWanted && data !== undefined && data.rows.length < rowsOfPage;
  useEffect(() => {
    if (isLooking && !isFetchingNextPage) void fetchNextPage();
  }, [isLooking, isFetchingNextPage, fetchNextPage]);
  return isLooking;
}

function ItemsTable({ items, onOpen }: { items: readonly Item[]; onOpen(item: Item): void }): ReactNode {
  const { catalog, pages } = useWords();
  return (
    <div className="table-frame">
      <table className="rows">
        <caption className="hidden">{pages.catalog}</caption>
        <thead>
          <tr>
            <th scope="col">{catalog.name}</th>
            <th scope="col">{catalog.kind}</th>
            <th scope="col">{catalog.category}</th>
            <th scope="col" className="right">
              {catalog.price}
            </th>
            <th scope="col">{catalog.available}</th>
            <th scope="col" className="right">
              {catalog.changed}
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <ItemRow key={item.id} item={item} onOpen={onOpen} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ItemRow({ item, onOpen }: { item: Item; onOpen(item: Item): void }): ReactNode {
  const words = useWords();
  const { catalog } = words;
  const price = item.price ?? item.discount_amount;
  const available = item.is_available === null ? '–' : item.is_available ? catalog.yes : catalog.no;
  return (
    <tr className={item.removed_at === null ? undefined : 'is-removed'}>
      <td className="cell-name" data-label={catalog.name}>
        <button type="button" className="row-button" onClick={() => onOpen(item)}>
          {item.name ?? words.app.noName}
        </button>
        <span className="under mono">{item.external_id}</span>
      </td>
      <td className="soft" data-label={catalog.kind}>
        {words.kind[item.kind]}
      </td>
      <td className="soft" data-label={catalog.category}>
        {item.modifier_group_name ?? '–'}
      </td>
      <td className="right mono" data-label={catalog.price}>
        {price === null
          ? item.discount_percent === null
            ? '–'
            : `${item.discount_percent} %`
          : money(price, item.currency)}
      </td>
      <td data-label={catalog.available}>{item.removed_at === null ? available : catalog.gone}</td>
      <td className="right soft" data-label={catalog.changed}>
        <When at={item.updated_at} inTable />
      </td>
    </tr>
  );
}
