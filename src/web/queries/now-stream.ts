// One stream for the whole page, in place of asking: what goes on is written to where the pages read it.
import { type InfiniteData, type Query, type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Page, Run } from '../api-types.ts';
import { OfflineError, openNowEvents } from '../call-api.ts';
import { setLink } from './link.ts';
import { dropRefresh, refreshSoon } from './refresh-lists.ts';
import { activeKey, isEnded } from './runs.ts';

/** Milliseconds after which a stream that says nothing counts as one that does not come: something keeps its events back. */
const patienceMs = 3000;
/** The server says every 15 s that it is there. */
const silenceMs = 40_000;
/** Milliseconds to the next try where the browser makes none by itself. */
const retryMs = 5000;

interface Marks {
  holds: string;
  latest: string;
}

/** Keeps the stream open while the page is visible: a hidden one would take one of the six connections to a host. */
export function useNowStream(): void {
  const client = useQueryClient();
  useEffect(() => keepOpen(client), [client]);
}

function keepOpen(client: QueryClient): () => void {
  const marks: { last: Marks | null } = { last: null };
  let close: () => void = () => undefined;
  let timer: number | undefined;
  const after = (ms: number, then: () => void) => {
    clearTimeout(timer);
    timer = window.setTimeout(then, ms);
  };
  const broken = () => setLink('broken');
  const heard = () => {
    setLink('live');
    askAgain(client);
    after(silenceMs, () => {
      broken();
      open();
    });
  };
  const open = () => {
    close();
    close = openNowEvents({
      onNow(data) {
        takeNow(client, marks, JSON.parse(data) as { active: Run[] } & Marks);
        heard();
      },
      onChange(data) {
        takeChange(client, marks, JSON.parse(data) as { changed: Run[] } & Marks);
        heard();
      },
      onHere: heard,
      onBreak(isFinal) {
        broken();
        if (isFinal) after(retryMs, open);
      },
    });
    after(patienceMs, broken);
  };
  const stop = () => {
    clearTimeout(timer);
    close();
    // A hidden page asks for nothing; what it was about to ask for is asked for when it is seen again.
    if (dropRefresh()) marks.last = null;
    setLink('opening');
  };
  const look = () => (document.hidden ? stop() : open());
  document.addEventListener('visibilitychange', look);
  look();
  return () => {
    document.removeEventListener('visibilitychange', look);
    stop();
  };
}

// The server is there: what could not be had while it was not need not wait for its next time.
function askAgain(client: QueryClient): void {
  const isLost = ({ state }: Query) =>
    state.fetchStatus === 'idle' && (state.error ?? state.fetchFailureReason) instanceof OfflineError;
  void client.refetchQueries({ type: 'active', predicate: isLost });
}

/** The whole state: what was under way and is no more has ended while nobody listened. */
function takeNow(client: QueryClient, marks: { last: Marks | null }, { active, ...now }: { active: Run[] } & Marks) {
  const ids = new Set(active.map(({ id }) => id));
  for (const { queryKey, state } of client.getQueryCache().findAll({ queryKey: ['run'] })) {
    const run = state.data as Run | undefined;
    if (run !== undefined && !isEnded(run) && !ids.has(run.id)) void client.invalidateQueries({ queryKey });
  }
  for (const run of active) put(client, ['run', run.id], run);
  put(client, activeKey, active);
  takeMarks(client, marks, { now, isNews: false });
}

function takeChange(
  client: QueryClient,
  marks: { last: Marks | null },
  { changed, ...now }: { changed: Run[] } & Marks,
) {
  const byId = new Map(changed.map((run) => [run.id, run]));
  for (const run of changed) put(client, ['run', run.id], run);
  const known = client.getQueryData<Run[]>(activeKey) ?? [];
  const begun = changed.filter(({ id }) => !known.some((run) => run.id === id));
  const active = [...begun, ...known.map((run) => byId.get(run.id) ?? run)].filter((run) => !isEnded(run));
  put(client, activeKey, active);
  // Rows that stand in a list show the new state at once; which rows it has, the server says.
  const replaced = (page: Page<Run>) => ({ ...page, data: page.data.map((run) => byId.get(run.id) ?? run) });
  client.setQueriesData<Page<Run>>({ queryKey: ['runs', 'page'] }, (page) => page && replaced(page));
  client.setQueriesData<InfiniteData<Page<Run>>>(
    { queryKey: ['pages', '/runs'] },
    (found) => found && { ...found, pages: found.pages.map(replaced) },
  );
  takeMarks(client, marks, { now, isNews: changed.some(isEnded) });
}

function takeMarks(
  client: QueryClient,
  marks: { last: Marks | null },
  { now, isNews }: { now: Marks; isNews: boolean },
): void {
  const { last } = marks;
  marks.last = now;
  // Without a last one: what the page asked for as it opened may be older than the stream.
  if (last?.holds !== now.holds) void client.invalidateQueries({ queryKey: ['runs', 'holds'] });
  if (isNews || last?.holds !== now.holds || last.latest !== now.latest) refreshSoon(client);
}

// An older answer that is still on its way must not overwrite it.
function put<Value>(client: QueryClient, queryKey: readonly unknown[], value: Value): void {
  void client.cancelQueries({ queryKey, exact: true });
  client.setQueryData<Value>(queryKey, value);
}
