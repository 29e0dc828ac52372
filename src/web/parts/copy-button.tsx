// Copies a text, and says that it did.
import { type ReactNode, useState } from 'react';
import { Icon } from '../look/icon.tsx';
import { useWords } from '../words/words.ts';

export function CopyButton({ text, label }: { text: string; label?: string }): ReactNode {
  const words = useWords();
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <button type="button" className="copy" onClick={() => void copy()}>
      <Icon name={isCopied ? 'check' : 'copy'} size={14} />
      <span aria-live="polite">{isCopied ? words.app.copied : (label ?? words.app.copy)}</span>
    </button>
  );
}
