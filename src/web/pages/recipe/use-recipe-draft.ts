// The text of a recipe as it is being written, kept in this tab until it is saved.
import { useState } from 'react';

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
}

/** The draft under a name; what was kept wins over what is saved, and is shown as not saved. */
export function useRecipeDraft(name: string, saved: RecipeDraft): Draft {
  const key = `tillsync.recipe.${name}`;
  const [base, setBase] = useState(saved);
  const [draft, setDraft] = useState<RecipeDraft>(() => {
    const kept = sessionStorage.getItem(key);
    return kept === null ? saved : (JSON.parse(kept) as RecipeDraft);
  });
  return {
    ...draft,
    isChanged: draft.text !== base.text,
    write(text) {
      const next = { text, tag: draft.tag };
      setDraft(next);
      if (text === base.text) sessionStorage.removeItem(key);
      else keep(key, next);
    },
    begin(next) {
      sessionStorage.removeItem(key);
      setBase(next);
      setDraft(next);
    },
  };
}

function keep(key: string, draft: RecipeDraft): void {
  sessionStorage.setItem(key, JSON.stringify(draft));
}
