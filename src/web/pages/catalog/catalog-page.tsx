// The catalog as it stands in the database: searched and filtered by the address, one item in a drawer.
import { Checkbox } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import type { Item } from '../../api-types.ts';
import { ChoiceField, TextField } from '../../parts/filter-field.tsx';
import { Empty, MoreButton, PageHead, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { type Search, useFilter } from '../../parts/use-filter.ts';
import { When } from '../../parts/when.tsx';
import { useSources } from '../../queries/configs.ts';
import { itemAddress } from '../../queries/items.ts';
import { type Pages, usePages } from '../../queries/runs.ts';
import { money } from '../../words/quantities.ts';
import { kinds } from '../../words/result.ts';
import { useWords } from '../../words/words.ts';
import { ItemDrawer } from './item-drawer.tsx';

const rowsOfPage = 50;

export function CatalogPage(): ReactNode {
  const words = useWords();
  const [filter, setFilter] = useFilter();
  return (
    <>
      <PageHead title={words.pages.catalog}>{words.catalog.intro}</PageHead>
      <Filters filter={filter} setFilter={setFilter} />
      <Items filter={filter} onOpen={(item) => setFilter({ item: itemAddress(item) })} />
      <ItemDrawer address={filter.item} onClose={() => setFilter({ item: undefined })} />
    </>
  );
}

function Filters({ filter, setFilter }: { filter: Search; setFilter(change: Search): void }): ReactNode {
  const words = useWords();
  const sources = useSources();
  return (
    <search className="filters">
      <TextField label={words.catalog.search} value={filter.search} onChange={(search) => setFilter({ search })} />
      <ChoiceField
        label={words.catalog.kind}
        value={filter.kind}
        choices={[['', words.catalog.allKinds], ...kinds.map((kind) => [kind, words.kinds[kind]] as const)]}
        onChange={(kind) => setFilter({ kind })}
      />
      <ChoiceField
        label={words.catalog.source}
        value={filter.source}
        choices={[['', words.catalog.allSources], ...(sources.data ?? []).map(({ id, name }) => [id, name] as const)]}
        onChange={(source) => setFilter({ source })}
      />
      <Checkbox
        label={words.catalog.removed}
        checked={filter.removed === 'all'}
        onChange={(event) => setFilter({ removed: event.currentTarget.checked ? 'all' : undefined })}
      />
    </search>
  );
}

function Items({ filter, onOpen }: { filter: Search; onOpen(item: Item): void }): ReactNode {
  const words = useWords();
  const { search, kind, source, removed } = filter;
  const items = usePages<Item>('/items', { search, kind, source_id: source, removed, limit: rowsOfPage });
  const isLooking = useLookOn(items, search);
  if (items.error !== null && items.data === undefined) return <Problem error={items.error} onRetry={items.refetch} />;
  if (items.data === undefined) return <Waiting rows={12} />;
  if (items.data.rows.length === 0) {
    if (isLooking) return <Waiting rows={12} />;
    const isFiltered = [search, kind, source, removed].some((value) => value !== undefined && value !== '');
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
