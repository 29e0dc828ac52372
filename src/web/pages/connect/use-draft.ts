// What was typed so far, kept in this tab until it is saved; secrets are never part of it.
import { useState } from 'react';

export interface Draft {
  name: string;
  level: '' | 'concept' | 'company' | 'site';
  levelId: string;
  params: Record<string, string>;
}

const empty: Draft = { name: '', level: '', levelId: '', params: {} };

/** The draft of a connector, begun where `start` says, a function that changes some of it, and one that forgets it. */
export function useDraft(
  connectorId: string,
  start: Partial<Draft> = {},
): [Draft, (change: Partial<Draft>) => void, () => void] {
  const key = `tillsync.draft.${connectorId}`;
  const [draft, setDraft] = useState<Draft>(() => {
    const kept = sessionStorage.getItem(key);
    return { ...empty, ...(kept === null ? {} : (JSON.parse(kept) as Draft)), ...start };
  });
  const change = (part: Partial<Draft>) => {
    const next = { ...draft, ...part };
    setDraft(next);
    sessionStorage.setItem(key, JSON.stringify(next));
  };
  return [draft, change, () => sessionStorage.removeItem(key)];
}
