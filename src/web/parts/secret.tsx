// Something that is shown only now: a link or a key, to copy and to hand over.
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useWords } from '../words/words.ts';
import { CopyButton } from './copy-button.tsx';

export function Secret({ text, help, onDone }: { text: string; help: string; onDone(): void }): ReactNode {
  const { signIn } = useWords();
  return (
    <div className="form">
      <p>{help}</p>
      <p className="code">{text}</p>
      <CopyButton text={text} />
      <Button onClick={onDone}>{signIn.kept}</Button>
    </div>
  );
}
