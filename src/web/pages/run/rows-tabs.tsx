// What a run set aside (rejects, repeated keys), and the runs of a run for a whole level.
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Duplicate, Reject, Run } from '../../api-types.ts';
import { Empty, MoreButton, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { RunsTable } from '../../parts/run/runs-table.tsx';
import { addressOfItem } from '../../queries/items.ts';
import { usePages } from '../../queries/runs.ts';
import { number } from '../../words/say.ts';
import { useWords } from '../../words/words.ts';

export function RejectsTab({ run }: { run: Run }): ReactNode {
  const words = useWords();
  const rejects = usePages<Reject>(`/runs/${run.id}/rejects`, { limit: 100 });
  if (rejects.error !== null) return <Problem error={rejects.error} onRetry={rejects.refetch} />;
  if (rejects.data === undefined) return <Waiting />;
  if (rejects.data.rows.length === 0) return <Empty icon="check" title={words.run.rejectsNone} />;
  return (
    <>
      {run.config_id === null ? null : (
        <p className="small">
          <Link to="/rejects" search={{ state: 'all', config: run.config_id } as never}>
            {words.rejects.ofAllRuns}
          </Link>
        </p>
      )}
      <ul className="diff">
        {rejects.data.rows.map((reject) => (
          <li key={reject.seq} className="diff-item">
            <span className="diff-mark ink-amber" aria-hidden="true">
              !
            </span>
            <div className="diff-head">
              <span className="strong">{reject.message}</span>
              <span className="soft small">
                {words.kind[reject.kind]} · <code>{reject.reason}</code>
                {reject.external_id === null ? null : (
                  <>
                    {' '}
                    · <code>{reject.external_id}</code>
                  </>
                )}
              </span>
            </div>
            <details className="raw">
              <summary>{words.run.raw}</summary>
              <pre className="code">{JSON.stringify(reject.raw, null, 2)}</pre>
            </details>
          </li>
        ))}
      </ul>
      <MoreButton pages={rejects} />
    </>
  );
}

export function DuplicatesTab({ run }: { run: Run }): ReactNode {
  const words = useWords();
  const duplicates = usePages<Duplicate>(`/runs/${run.id}/duplicates`, { limit: 100 });
  if (duplicates.error !== null) return <Problem error={duplicates.error} onRetry={duplicates.refetch} />;
  if (duplicates.data === undefined) return <Waiting />;
  if (duplicates.data.rows.length === 0) return <Empty icon="check" title={words.run.duplicatesNone} />;
  return (
    <div className="table-frame">
      <p className="soft small">{words.detail.duplicates.open}</p>
      <table className="rows">
        <caption className="hidden">{words.run.tabs.duplicates}</caption>
        <thead>
          <tr>
            <th scope="col">{words.catalog.kind}</th>
            <th scope="col">{words.catalog.id}</th>
            <th scope="col" className="right">
              {words.run.copies}
            </th>
            <th scope="col">{words.run.what}</th>
          </tr>
        </thead>
        <tbody>
          {duplicates.data.rows.map(({ kind, external_id, path_id, copies, identical }) => (
            <tr key={`${kind} ${external_id} ${path_id}`}>
              <td data-label={words.catalog.kind}>{words.kind[kind]}</td>
              <td data-label={words.catalog.id} className="mono">
                <KeptItem run={run} item={{ kind, external_id, path_id }} />
              </td>
              <td data-label={words.run.copies} className="right mono">
                {number(copies)}
              </td>
              <td data-label={words.run.what}>{identical ? words.run.identical : words.run.different}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <MoreButton pages={duplicates} />
    </div>
  );
}

function KeptItem({ run, item }: { run: Run; item: Pick<Duplicate, 'kind' | 'external_id' | 'path_id'> }): ReactNode {
  const { kind, external_id, path_id } = item;
  const text = `${external_id}${path_id === null || path_id === external_id ? '' : ` / ${path_id}`}`;
  if (run.source_id === null) return text;
  const address = addressOfItem({ source_id: run.source_id, kind, external_id, path_id });
  return (
    <Link to="/catalog" search={{ item: address, removed: 'all' } as never}>
      {text}
    </Link>
  );
}

export function ChildrenTab({ run }: { run: Run }): ReactNode {
  const words = useWords();
  const children = usePages<Run>('/runs', { parent_id: run.id, limit: 100 }, 3000);
  if (children.error !== null) return <Problem error={children.error} onRetry={children.refetch} />;
  if (children.data === undefined) return <Waiting />;
  return (
    <>
      <RunsTable runs={children.data.rows} label={words.run.tabs.children} />
      <MoreButton pages={children} />
    </>
  );
}
