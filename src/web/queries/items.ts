// Items of the catalog from the API: one with its data, its history, and what hangs under a product.
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { Item, ItemHistory, ItemWithData, ModifierTree, Page } from '../api-types.ts';
import { type ApiQuery, callApi } from '../call-api.ts';

/** What names an item of a list, as it stands in the address. */
export function addressOfItem(item: Pick<Item, 'source_id' | 'kind' | 'external_id' | 'path_id'>): string {
  return [item.source_id, item.kind, item.external_id, item.path_id ?? ''].map(encodeURIComponent).join('~');
}

interface ItemName {
  path: string;
  query: { source_id: string; kind: string; path_id?: string };
}

function nameOf(address: string): ItemName {
  const [source = '', kind = '', id = '', path = ''] = address.split('~').map(decodeURIComponent);
  const query = { source_id: source, kind, ...(path === '' ? {} : { path_id: path }) };
  return { path: `/items/${encodeURIComponent(id)}`, query };
}

export function useItem(address: string): UseQueryResult<ItemWithData, Error> {
  return useQuery({
    queryKey: ['item', address],
    queryFn: ({ signal }) => callApi<ItemWithData>(nameOf(address).path, nameOf(address).query, { signal }),
  });
}

export function useItemHistory(address: string): UseQueryResult<ItemHistory | undefined, Error> {
  return useQuery({
    queryKey: ['item history', address],
    queryFn: async ({ signal }) => {
      const { path, query } = nameOf(address);
      const { data } = await callApi<Page<ItemHistory>>(`${path}/history`, query, { signal });
      return data[0] ?? null;
    },
    select: (history) => history ?? undefined,
  });
}

/** `query` names a product, or how many options are asked for; `isAsked` false = not yet. */
export function useModifiers(sourceId: string, query: ApiQuery, isAsked = true): UseQueryResult<ModifierTree, Error> {
  return useQuery({
    queryKey: ['answer', 'modifiers', sourceId, query],
    queryFn: ({ signal }) => callApi<ModifierTree>(`/sources/${sourceId}/modifiers`, query, { signal }),
    enabled: isAsked,
  });
}
