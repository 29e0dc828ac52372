// Several calls one after the other as one deed: each can be said twice, so that a second try begins at the first again.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

interface Steps {
  run(): void;
  isPending: boolean;
  error: Error | null;
  /** Whether some of it is done and the rest was refused. */
  isHalf: boolean;
}

/** Runs the steps in order, then `onDone`, and asks anew for what they changed, however far they came. */
export function useSteps(steps: readonly (() => Promise<unknown>)[], onDone: () => void): Steps {
  const client = useQueryClient();
  const [done, setDone] = useState(0);
  const work = useMutation({
    mutationFn: async () => {
      setDone(0);
      for (const step of steps) {
        await step();
        setDone((count) => count + 1);
      }
    },
    // Before anything is asked anew: what this page shows may be gone.
    onSuccess: onDone,
    onSettled: async () => {
      for (const name of ['configs', 'sources', 'levels']) await client.invalidateQueries({ queryKey: [name] });
    },
  });
  return {
    run: () => work.mutate(),
    isPending: work.isPending,
    error: work.error,
    isHalf: work.isError && done > 0,
  };
}
