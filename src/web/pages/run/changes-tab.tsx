// What a run changed, item by item, old → new on one line, prices first.
import type { ReactNode } from 'react';
import type { Change, Run } from '../../api-types.ts';
import { Empty, MoreButton, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { ChangeRow } from '../../parts/run/change-row.tsx';
import { usePages } from '../../queries/runs.ts';
import { total } from '../../words/result.ts';
import { useWords } from '../../words/words.ts';

export function ChangesTab({ run }: { run: Run }): ReactNode {
  const words = useWords();
  const changes = usePages<Change>(`/runs/${run.id}/changes`, { limit: 100 });
  if (changes.error !== null) return <Problem error={changes.error} onRetry={changes.refetch} />;
  if (changes.data === undefined) return <Waiting />;
  const { rows } = changes.data;
  if (rows.length === 0) {
    const checked = total(run, 'received') - total(run, 'duplicates');
    return (
      <Empty icon="check" title={words.run.changesNone}>
        {run.status === 'success' && checked > 0 ? words.run.changesNoneHint(checked) : undefined}
      </Empty>
    );
  }
  return (
    <>
      {['held', 'planned'].includes(run.status) ? <p className="note">{words.run.planned}</p> : null}
      <ul className="diff" aria-label={words.run.tabs.changes}>
        {pricesFirst(rows).map((change) => (
          <ChangeRow key={`${change.kind} ${change.external_id} ${change.path_id}`} change={change} />
        ))}
      </ul>
      <MoreButton pages={changes} />
    </>
  );
}

function pricesFirst(rows: readonly Change[]): Change[] {
  const rank = ({ operation, fields }: Change) => {
    if (operation === 'updated') return 'price' in fields ? 0 : 1;
    return { created: 2, restored: 3, removed: 4 }[operation];
  };
  return [...rows].sort((a, b) => rank(a) - rank(b));
}
