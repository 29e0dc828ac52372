// What the recipe in the editor makes of the chosen answer, asked a moment after the last key.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { RecipePreview } from '../../api-types.ts';
import { callApi } from '../../call-api.ts';

/** Where the answer comes from; null = none is chosen yet. */
export type ChosenAnswer = { run_id: string; page: number } | { text: string };

export interface Asked {
  text: string;
  answer: ChosenAnswer | null;
  request: string | undefined;
}

export interface ShownPreview {
  /** Of the text as it stands, or a moment ago. */
  preview: RecipePreview | undefined;
  /** The last one that could be made, while the text has faults. */
  lastGood: RecipePreview | undefined;
  error: Error | null;
  isChecking: boolean;
  again(): unknown;
}

const pauseMs = 300;

export function usePreview(asked: Asked, isEnabled: boolean): ShownPreview {
  const settled = useSettled(asked);
  const { text, answer, request } = settled;
  const query = useQuery({
    queryKey: ['preview', text, answer, request ?? ''],
    queryFn: ({ signal }) =>
      callApi<RecipePreview>('/recipes/preview', undefined, {
        method: 'POST',
        body: {
          text,
          ...(answer === null ? {} : { answer }),
          ...(request === undefined || request === '' ? {} : { request }),
        },
        signal,
      }),
    enabled: isEnabled,
    placeholderData: (before) => before,
    // Every text that was ever typed need not be kept.
    gcTime: 10_000,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const { data } = query;
  const [lastGood, setLastGood] = useState<RecipePreview>();
  useEffect(() => {
    if (data !== undefined && data.faults.length === 0) setLastGood(data);
  }, [data]);
  const isChecking = query.isFetching || settled !== asked;
  return { preview: data, lastGood, error: query.error, isChecking, again: query.refetch };
}

/** The same value, once it has not changed for a moment; the first one at once. */
function useSettled(asked: Asked): Asked {
  const [settled, setSettled] = useState(asked);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(asked), pauseMs);
    return () => clearTimeout(timer);
  }, [asked]);
  return settled;
}
