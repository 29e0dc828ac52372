// What the keyboard does everywhere: Ctrl or Cmd with K, ? for help, and g with a letter to go somewhere.
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { places } from './places.ts';

const stored = 'tillsync.single-keys';

/** Whether keys without Ctrl or Cmd do anything; people who speak to their computer switch them off. */
export function singleKeysOn(): boolean {
  return localStorage.getItem(stored) !== 'off';
}

export function setSingleKeys(on: boolean): void {
  localStorage.setItem(stored, on ? 'on' : 'off');
}

export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof Element && target.closest('input, textarea, select, [contenteditable], [role="dialog"]') !== null
  );
}

export function useShortcuts(on: { onPalette(): void; onHelp(): void }): void {
  const navigate = useNavigate();
  const current = useRef(on);
  current.current = on;
  useEffect(() => {
    let wentAt = 0;
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        current.current.onPalette();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || !singleKeysOn()) return;
      if (event.key === '?') {
        current.current.onHelp();
        return;
      }
      const place = places.find(({ key }) => key === event.key);
      if (place !== undefined && event.timeStamp - wentAt < 1500) {
        wentAt = 0;
        event.preventDefault();
        void navigate({ to: place.to });
      } else if (event.key === 'g') wentAt = event.timeStamp;
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [navigate]);
}
