// Nothing is connected yet: the three steps to the first sync.
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Icon } from '../../look/icon.tsx';
import { useMay } from '../../queries/may.ts';
import { useWords } from '../../words/words.ts';

export function FirstSteps(): ReactNode {
  const { home, integrations } = useWords();
  const may = useMay();
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
      {may.administer ? (
        <Button component={Link} to="/integrations/new">
          {integrations.connect}
        </Button>
      ) : null}
    </div>
  );
}
