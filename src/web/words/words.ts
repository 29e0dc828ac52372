// The chosen language: kept in this browser, told to every component that shows words.
import { useSyncExternalStore } from 'react';
import { de } from './de.ts';
import { en, type Words } from './en.ts';
import { sayIn } from './say.ts';

export const languages = { en, de } satisfies Record<string, Words>;
export type Language = keyof typeof languages;

const stored = 'tillsync.language';
const listeners = new Set<() => void>();
let chosen: Language = firstLanguage();
tellPage();

function firstLanguage(): Language {
  const wished = localStorage.getItem(stored) ?? navigator.language.slice(0, 2);
  return wished in languages ? (wished as Language) : 'en';
}

function tellPage(): void {
  document.documentElement.lang = chosen;
  sayIn(languages[chosen].locale);
}

/** Chooses a language for this browser. */
export function chooseLanguage(language: Language): void {
  chosen = language;
  localStorage.setItem(stored, language);
  tellPage();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The language in force. */
export function useLanguage(): Language {
  return useSyncExternalStore(subscribe, () => chosen);
}

/** All words in the language in force. */
export function useWords(): Words {
  return languages[useLanguage()];
}
