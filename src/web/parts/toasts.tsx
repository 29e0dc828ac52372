// Short messages that come and go; what they say also stands on a page.
import { type ReactNode, useSyncExternalStore } from 'react';
import { Icon } from '../look/icon.tsx';
import type { Tone } from '../look/status.tsx';

interface Toast {
  id: number;
  tone: Tone;
  text: string;
}

let toasts: readonly Toast[] = [];
let last = 0;
const listeners = new Set<() => void>();

function change(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

/** Shows a message for eight seconds. */
export function toast(tone: Tone, text: string): void {
  last += 1;
  const id = last;
  change([...toasts.slice(-2), { id, tone, text }]);
  setTimeout(() => change(toasts.filter((each) => each.id !== id)), 8000);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Toasts(): ReactNode {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <div className="toasts" role="status">
      {shown.map(({ id, tone, text }) => (
        <p key={id} className={`toast ink-${tone}`}>
          <Icon name={tone === 'green' ? 'check' : 'alert'} />
          <span>{text}</span>
        </p>
      ))}
    </div>
  );
}
