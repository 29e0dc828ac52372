// Lists and changes of things that have no rules of their own here: one path, one answer, and what is asked for anew after a change.
import {
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { type ApiCall, type ApiQuery, callApi } from '../call-api.ts';

/** One answer of a GET. */
export function useAnswer<Answer>(path: string, query: ApiQuery = {}): UseQueryResult<Answer, Error> {
  return useQuery({
    queryKey: ['answer', path, query],
    queryFn: ({ signal }) => callApi<Answer>(path, query, { signal }),
  });
}

interface Change {
  path: string;
  method: 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
}

/** A change; afterwards whatever stands on the page is asked for anew. */
export function useChange<Answer>(): UseMutationResult<Answer, Error, Change> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ path, ...call }) => callApi<Answer>(path, undefined, call satisfies ApiCall),
    onSuccess: () =>
      Promise.all(
        ['answer', 'pages', 'configs', 'sources', 'levels', 'connectors'].map((name) =>
          client.invalidateQueries({ queryKey: [name] }),
        ),
      ),
  });
}
