// How answers of the API are kept and asked for again.
import { QueryClient } from '@tanstack/react-query';
import { ProblemError } from '../call-api.ts';

/** A refusal is final; what could not be reached is tried twice more. */
export function openQueries(): QueryClient {
  return new QueryClient({
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
}
