// Groups and options of a source, or of one of its products.
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { ModifierTree } from '../api-types.ts';
import { type ApiQuery, callApi } from '../call-api.ts';

/** `query` names a product, or how many options are asked for; `isAsked` false = not yet. */
export function useModifiers(sourceId: string, query: ApiQuery, isAsked = true): UseQueryResult<ModifierTree, Error> {
  return useQuery({
    queryKey: ['answer', 'modifiers', sourceId, query],
    queryFn: ({ signal }) => callApi<ModifierTree>(`/sources/${sourceId}/modifiers`, query, { signal }),
    enabled: isAsked,
  });
}
