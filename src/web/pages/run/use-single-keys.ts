// Keys without Ctrl or Cmd that a page adds; off for who switched them off, and where somebody types.
import { useEffect, useRef } from 'react';
import { isTyping, singleKeysOn } from '../../shell/use-shortcuts.ts';

/** Key → what it does; undefined = nothing now. */
export function useSingleKeys(keys: Readonly<Record<string, (() => void) | undefined>>): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || !singleKeysOn()) return;
      current.current[event.key]?.();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}
