// Whether this page hears of what goes on by itself: who asks for something reads here how often.
import { useSyncExternalStore } from 'react';

/** 'opening' = not yet, or the page is hidden; 'live' = by the stream; 'broken' = the page has to ask. */
export type Link = 'opening' | 'live' | 'broken';

let link: Link = 'opening';
const listeners = new Set<() => void>();

export function setLink(next: Link): void {
  if (next === link) return;
  link = next;
  for (const listener of listeners) listener();
}

/** As it is at this moment. */
export function linkNow(): Link {
  return link;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useLink(): Link {
  return useSyncExternalStore(subscribe, () => link);
}

/** Milliseconds between two questions for what the stream tells of: as given, and once a minute at most while it is live. */
export function useEvery(): (ms: number) => number {
  const isLive = useLink() === 'live';
  return (ms) => (isLive ? Math.max(ms, 60_000) : ms);
}

/** Milliseconds between two questions for all configs: a thousand of them are a megabyte, and asked for once a minute. */
export function configsEvery(configs: readonly unknown[] | undefined): number {
  return Math.max(10_000, (configs?.length ?? 0) * 60);
}
