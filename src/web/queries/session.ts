// Who is signed in, as the API says.
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { callApi, ProblemError } from '../call-api.ts';

export interface Session {
  email: string | null;
}

/** null = nobody is signed in. */
export function useSession(): UseQueryResult<Session | null, Error> {
  return useQuery({
    queryKey: ['session'],
    queryFn: async ({ signal }) => {
      try {
        return await callApi<Session>('/session', undefined, { signal });
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        if (error.problem.status === 401) return null;
        // A server without sessions: each request says by itself who asks.
        if (error.problem.status === 404) return { email: null };
        throw error;
      }
    },
    staleTime: 60_000,
  });
}
