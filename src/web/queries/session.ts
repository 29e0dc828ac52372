// Who is signed in, and how a session begins, is completed and ends.
import {
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import type { Session } from '../api-types.ts';
import { callApi, ProblemError } from '../call-api.ts';

const queryKey = ['session'];

// That there was a sign-in here, and no more: the session itself is a cookie that no script can read. Without it nobody is asked.
const mark = 'tillsync.signed-in';

function remember(isIn: boolean): void {
  if (isIn) localStorage.setItem(mark, 'yes');
  else localStorage.removeItem(mark);
}

/** null = nobody is signed in. */
export function useSession(): UseQueryResult<Session | null, Error> {
  return useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      if (localStorage.getItem(mark) === null) return null;
      try {
        return await callApi<Session>('/session', undefined, { signal });
      } catch (error) {
        if (!(error instanceof ProblemError) || error.problem.status !== 401) throw error;
        remember(false);
        return null;
      }
    },
    staleTime: 60_000,
  });
}

/** Calls that answer with the session as it then stands: signing in, a code, a link, a proof. */
export function useSessionCall<Answer extends Session = Session>(): UseMutationResult<
  Answer,
  Error,
  { path: string; body: unknown; keep?: boolean }
> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ path, body }) => callApi<Answer>(path, undefined, { method: 'POST', body }),
    onSuccess: (session, { keep = false }) => {
      remember(true);
      // What the answer says besides is read before the page changes.
      if (!keep) client.setQueryData(queryKey, session);
    },
  });
}

export function useSignOut(): UseMutationResult<unknown, Error, void> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => callApi('/session', undefined, { method: 'DELETE' }),
    onSuccess: () => {
      remember(false);
      client.setQueryData(queryKey, null);
      // The next one who signs in here sees nothing of this one.
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== 'session' });
    },
  });
}
