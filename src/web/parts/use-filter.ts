// Filters of a page live in its address, so that a link shows what its sender saw.
import { useNavigate, useSearch } from '@tanstack/react-router';

/** Search parameters as flat text: what a person sees in the address is what the page reads. */
export type Search = Readonly<Record<string, string | undefined>>;

/** What the address says, and a function that changes some of it without a new step back. */
export function useFilter(): [Search, (change: Search) => void] {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  return [
    search,
    (change) =>
      void navigate({
        to: '.',
        search: ((now: Search) => ({ ...now, ...change })) as never,
        replace: true,
        resetScroll: false,
      }),
  ];
}
