// One line above every page while the server cannot be reached.
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useSyncExternalStore } from 'react';
import { OfflineError } from '../call-api.ts';
import { Icon } from '../look/icon.tsx';
import { useWords } from '../words/words.ts';

export function OfflineBanner(): ReactNode {
  const words = useWords();
  const client = useQueryClient();
  // The last word of any question decides: one that failed for want of a server, or one that was answered since.
  const isOffline = useSyncExternalStore(
    (tell) => client.getQueryCache().subscribe(tell),
    () => {
      let last = { at: 0, offline: false };
      for (const { state } of client.getQueryCache().getAll()) {
        if (state.dataUpdatedAt > last.at) last = { at: state.dataUpdatedAt, offline: false };
        const isLost = (state.error ?? state.fetchFailureReason) instanceof OfflineError;
        const lostAt = Math.max(state.errorUpdatedAt, isLost && state.errorUpdatedAt === 0 ? 1 : 0);
        if (isLost && lostAt > last.at) last = { at: lostAt, offline: true };
      }
      return last.offline;
    },
  );
  return (
    <div aria-live="polite">
      {isOffline ? (
        <p className="banner amber">
          <Icon name="alert" />
          {words.app.offline}
        </p>
      ) : null}
    </div>
  );
}
