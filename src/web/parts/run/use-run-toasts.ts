// Says when a run that was under way has ended, wherever the reader is by then.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { Run } from '../../api-types.ts';
import { callApi } from '../../call-api.ts';
import { toneOf } from '../../look/status.tsx';
import { useRunName } from '../../queries/configs.ts';
import { isEnded, useActiveRuns } from '../../queries/runs.ts';
import { resultText } from '../../words/result.ts';
import { useWords } from '../../words/words.ts';
import { toast } from '../toasts.tsx';

export function useRunToasts(): void {
  const words = useWords();
  const client = useQueryClient();
  const nameOf = useRunName();
  const active = useActiveRuns();
  const known = useRef<readonly Run[]>([]);
  const say = useRef((run: Run) => toast('grey', run.id));
  say.current = (run) => toast(toneOf(run.status), `${nameOf(run) ?? words.run.fanOut}: ${resultText(run, words)}`);
  useEffect(() => {
    if (active.data === undefined) return;
    const now = new Set(active.data.map(({ id }) => id));
    const gone = known.current.filter(({ id }) => !now.has(id));
    known.current = active.data;
    // Its own page tells it better.
    for (const { id } of gone.filter((run) => !location.pathname.endsWith(run.id)).slice(0, 3)) {
      // The stream told its end.
      const last = client.getQueryData<Run>(['run', id]);
      const end = last !== undefined && isEnded(last) ? Promise.resolve(last) : callApi<Run>(`/runs/${id}`);
      end.then(
        (run) => {
          if (isEnded(run)) say.current(run);
        },
        // A message that cannot be had is no news: the list of runs has it.
        () => undefined,
      );
    }
  }, [client, active.data]);
}
