// How answers of the API are kept and asked for again.
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ProblemError } from '../call-api.ts';

/** A refusal is final; what could not be reached is tried twice more. A session that is over is over everywhere. */
export function openQueries(): QueryClient {
  const onError = (error: Error) => {
    const isOver = error instanceof ProblemError && error.problem.status === 401;
    // A wrong password is answered 401, too, and the session is then no news.
    if (isOver && client.getQueryData(['session']) != null) void client.invalidateQueries({ queryKey: ['session'] });
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 4000,
        // A browser that says it is offline may still reach a server on its own machine.
        networkMode: 'always',
        retry: (failures, error) => {
          const isWorthIt = !(error instanceof ProblemError) || error.problem.status >= 500;
          return isWorthIt && failures < 2;
        },
        retryDelay: (failures) => 400 * 2 ** failures,
      },
      mutations: { networkMode: 'always' },
    },
  });
  return client;
}
