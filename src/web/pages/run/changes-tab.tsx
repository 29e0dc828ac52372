// What a run changed, item by item, old → new on one line, prices first.
import type { ReactNode } from 'react';
import type { Change, Run } from '../../api-types.ts';
import type { ApiQuery } from '../../call-api.ts';
import { ExportMenu } from '../../parts/run/export-menu.tsx';
import { ChoiceField } from '../../parts/filter-field.tsx';
import { Empty, MoreButton, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { ChangeRow } from '../../parts/run/change-row.tsx';
import { type Search, useFilter } from '../../parts/use-filter.ts';
import { usePages } from '../../queries/runs.ts';
import { kinds, total } from '../../words/result.ts';
import { useWords } from '../../words/words.ts';

export function ChangesTab({ run }: { run: Run }): ReactNode {
  const words = useWords();
  const [filter, setFilter] = useFilter();
  const { what, kind, field } = filter;
  const query = { operation: what, kind, field };
  const changes = usePages<Change>(`/runs/${run.id}/changes`, { ...query, limit: 100 });
  if (changes.error !== null) return <Problem error={changes.error} onRetry={changes.refetch} />;
  const rows = changes.data?.rows;
  const isFiltered = [what, kind, field].some((value) => value !== undefined && value !== '');
  if (rows?.length === 0 && !isFiltered) return <NoChanges run={run} />;
  return (
    <>
      <Filters run={run} rows={rows ?? []} filter={filter} setFilter={setFilter} query={query} />
      {['held', 'planned'].includes(run.status) ? <p className="note">{words.run.planned}</p> : null}
      {rows === undefined ? <Waiting /> : null}
      {rows?.length === 0 ? <Empty icon="search" title={words.detail.changes.none} /> : null}
      {rows === undefined || rows.length === 0 ? null : (
        <ul className="diff" aria-label={words.run.tabs.changes}>
          {pricesFirst(rows).map((change) => (
            <ChangeRow key={`${change.kind} ${change.external_id} ${change.path_id}`} change={change} />
          ))}
        </ul>
      )}
      <MoreButton pages={changes} />
    </>
  );
}

function NoChanges({ run }: { run: Run }): ReactNode {
  const words = useWords();
  const checked = total(run, 'received') - total(run, 'duplicates');
  return (
    <Empty icon="check" title={words.run.changesNone}>
      {run.status === 'success' && checked > 0 ? words.run.changesNoneHint(checked) : undefined}
    </Empty>
  );
}

interface FilterProps {
  run: Run;
  rows: readonly Change[];
  filter: Search;
  setFilter(change: Search): void;
  query: ApiQuery;
}

function Filters({ run, rows, filter, setFilter, query }: FilterProps): ReactNode {
  const words = useWords();
  const { changes } = words.detail;
  const fields = new Set(['price', ...rows.flatMap((change) => Object.keys(change.fields))]);
  if (filter.field !== undefined && filter.field !== '') fields.add(filter.field);
  return (
    <search className="filters">
      <ChoiceField
        label={changes.what}
        value={filter.what}
        choices={[['', changes.allWhat], ...Object.entries(words.run.operation)]}
        onChange={(what) => setFilter({ what })}
      />
      <ChoiceField
        label={words.catalog.kind}
        value={filter.kind}
        choices={[['', changes.allKinds], ...kinds.map((kind) => [kind, words.kinds[kind]] as const)]}
        onChange={(kind) => setFilter({ kind })}
      />
      <ChoiceField
        label={changes.field}
        value={filter.field}
        choices={[['', changes.allFields], ...[...fields].sort().map((field) => [field, field] as const)]}
        onChange={(field) => setFilter({ field })}
      />
      <ExportMenu path={`/runs/${run.id}/changes/export`} query={query} />
    </search>
  );
}

function pricesFirst(rows: readonly Change[]): Change[] {
  const rank = ({ operation, fields }: Change) => {
    if (operation === 'updated') return 'price' in fields ? 0 : 1;
    return { created: 2, restored: 3, removed: 4 }[operation];
  };
  return [...rows].sort((a, b) => rank(a) - rank(b));
}
