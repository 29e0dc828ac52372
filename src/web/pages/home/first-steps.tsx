// Nothing is connected yet: the three steps to the first sync.
import type { ReactNode } from 'react';
import { Icon } from '../../look/icon.tsx';
import { useWords } from '../../words/words.ts';

export function FirstSteps(): ReactNode {
  const { home } = useWords();
  return (
    <div className="empty">
      <span className="empty-mark">
        <Icon name="plug" size={20} />
      </span>
      <h2>{home.emptyTitle}</h2>
      <p className="soft">{home.emptyText}</p>
      <ol className="first-steps">
        {[home.step1, home.step2, home.step3].map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
    </div>
  );
}
