// The state of the installation, asked for again while somebody looks at it.
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { System } from '../../api-types.ts';
import { callApi } from '../../call-api.ts';

const everyMs = 10_000;

export function useSystem(): UseQueryResult<System, Error> {
  return useQuery({
    queryKey: ['system'],
    queryFn: ({ signal }) => callApi<System>('/system', undefined, { signal }),
    refetchInterval: everyMs,
    refetchOnWindowFocus: true,
  });
}
