// What pages are made of: the head, a section, the state without rows, and the skeleton of what is on its way.
import { Button, Skeleton } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { Icon, type IconName } from '../look/icon.tsx';
import type { Pages } from '../queries/runs.ts';
import { useWords } from '../words/words.ts';

interface HeadProps {
  title: string;
  /** Stands above the title, e.g. the way back. */
  above?: ReactNode;
  /** One sentence below it. */
  children?: ReactNode;
  actions?: ReactNode;
}

export function PageHead({ title, above, children, actions }: HeadProps): ReactNode {
  useDocumentTitle(`${title} · tillsync`);
  return (
    <header className="page-head">
      <div className="page-head-text">
        {above === undefined ? null : <div className="page-above small">{above}</div>}
        <h1 tabIndex={-1}>{title}</h1>
        {children === undefined ? null : <div className="page-sentence">{children}</div>}
      </div>
      {actions === undefined ? null : <div className="page-actions">{actions}</div>}
    </header>
  );
}

interface SectionProps {
  title: string;
  /** Beside the title: a count or a link. */
  aside?: ReactNode;
  children: ReactNode;
}

export function Section({ title, aside, children }: SectionProps): ReactNode {
  return (
    <section className="section" aria-label={title}>
      <div className="section-head">
        <h2>{title}</h2>
        {aside === undefined ? null : <div className="small soft">{aside}</div>}
      </div>
      {children}
    </section>
  );
}

interface EmptyProps {
  icon: IconName;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

export function Empty({ icon, title, children, action }: EmptyProps): ReactNode {
  return (
    <div className="empty">
      <span className="empty-mark">
        <Icon name={icon} size={20} />
      </span>
      <h2>{title}</h2>
      {children === undefined ? null : <p className="soft">{children}</p>}
      {action}
    </div>
  );
}

/** Lines of a list that is on its way. */
export function Waiting({ rows = 6 }: { rows?: number }): ReactNode {
  const words = useWords();
  const lines = Array.from({ length: rows }, (_, index) => `line ${index}`);
  return (
    <div className="waiting" role="status" aria-label={words.app.loading}>
      {lines.map((line, index) => (
        <Skeleton key={line} height={14} width={`${92 - ((index * 17) % 40)}%`} radius={4} />
      ))}
    </div>
  );
}

/** Asks for the next page of a list, where there is one. */
export function MoreButton<Row>({ pages }: { pages: Pages<Row> }): ReactNode {
  const words = useWords();
  if (!pages.hasNextPage) return null;
  return (
    <div className="more">
      <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
        {words.app.loadMore}
      </Button>
    </div>
  );
}
