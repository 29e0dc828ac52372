// The states of a list before its rows: no rights, an error, on its way, or none yet.
import type { ReactNode } from 'react';
import type { IconName } from '../look/icon.tsx';
import type { Pages } from '../queries/runs.ts';
import { Empty, MoreButton, Waiting } from './page-parts.tsx';
import { Problem } from './problem.tsx';

interface StateProps<Row> {
  pages: Pages<Row>;
  icon: IconName;
  /** Where there is no row. */
  none: string;
  children(rows: readonly Row[]): ReactNode;
}

export function RowsState<Row>({ pages, icon, none, children }: StateProps<Row>): ReactNode {
  if (pages.error !== null && pages.data === undefined) return <Problem error={pages.error} onRetry={pages.refetch} />;
  if (pages.data === undefined) return <Waiting rows={8} />;
  if (pages.data.rows.length === 0) return <Empty icon={icon} title={none} />;
  return (
    <>
      {children(pages.data.rows)}
      <MoreButton pages={pages} />
    </>
  );
}
