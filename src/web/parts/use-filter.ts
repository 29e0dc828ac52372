// Filters of a page live in its address, so that a link shows what its sender saw.
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { Search } from '../router.tsx';

/** What the address says, and a function that changes some of it without a new step back. */
export function useFilter(): [Search, (change: Search) => void] {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  return [
    search,
    (change) =>
      void navigate({ to: '.', search: { ...search, ...change } as never, replace: true, resetScroll: false }),
  ];
}
