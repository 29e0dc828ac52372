// The text of a recipe as it is being written, kept in this tab until it is saved.
import { useRef, useState } from 'react';

export interface RecipeDraft {
  text: string;
  /** The ETag of what it began from; null = a new recipe. */
  tag: string | null;
}

export interface Draft extends RecipeDraft {
  /** Whether it came back from before a reload, or was changed since. */
  isChanged: boolean;
  write(text: string): void;
  /** Begins anew from what is saved. */
  begin(saved: RecipeDraft): void;
  /** What was just saved; what was typed since stays. */
  settle(saved: RecipeDraft): void;
}

/** The draft under a name; what was kept wins over what is saved, and is shown as not saved. */
export function useRecipeDraft(name: string, saved: RecipeDraft): Draft {
  const key = `tillsync.recipe.${name}`;
  const [base, setBase] = useState(saved);
  const [draft, setDraft] = useState<RecipeDraft>(() => {
    const kept = sessionStorage.getItem(key);
    return kept === null ? saved : (JSON.parse(kept) as RecipeDraft);
  });
  const keep = (next: RecipeDraft, isSaved: boolean) => {
    setDraft(next);
    if (isSaved) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(next));
  };
  const now = useRef(draft);
  now.current = draft;
  return {
    ...draft,
    isChanged: draft.text !== base.text,
    write: (text) => keep({ text, tag: draft.tag }, text === base.text),
    begin(next) {
      setBase(next);
      keep(next, true);
    },
    settle(saved) {
      setBase(saved);
      keep({ text: now.current.text, tag: saved.tag }, now.current.text === saved.text);
    },
  };
}
