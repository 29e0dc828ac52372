// Runs as rows: when, what, how it ended in one sentence, and how long it took.
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Run } from '../../api-types.ts';
import { RunBadge } from '../../look/status.tsx';
import { useRunName } from '../../queries/configs.ts';
import { duration } from '../../words/quantities.ts';
import { resultText, tookOf } from '../../words/result.ts';
import { useWords } from '../../words/words.ts';
import { When } from '../when.tsx';

interface RunsProps {
  runs: readonly Run[];
  label: string;
  /** On the page of one integration its name needs no column. */
  withoutName?: boolean;
}

export function RunsTable({ runs, label, withoutName = false }: RunsProps): ReactNode {
  const words = useWords();
  const { history } = words;
  return (
    <div className="table-frame">
      <table className="rows">
        <caption className="hidden">{label}</caption>
        <thead>
          <tr>
            <th scope="col">{history.status}</th>
            {withoutName ? null : <th scope="col">{history.integration}</th>}
            <th scope="col">{history.result}</th>
            <th scope="col">{history.trigger}</th>
            <th scope="col" className="right">
              {history.took}
            </th>
            <th scope="col" className="right">
              {history.when}
            </th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <RunRow key={run.id} run={run} withoutName={withoutName} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function RunRow({ run, withoutName }: { run: Run; withoutName: boolean }): ReactNode {
  const words = useWords();
  const { history } = words;
  const nameOf = useRunName();
  const took = tookOf(run);
  return (
    <tr>
      <td data-label={history.status}>
        <RunBadge status={run.status} />
      </td>
      {withoutName ? null : (
        <td data-label={history.integration} className="cell-name">
          {nameOf(run) ?? words.run.fanOut}
        </td>
      )}
      <td data-label={history.result} className="cell-text">
        <Link className="row-link" to="/runs/$runId" params={{ runId: run.id }}>
          {resultText(run, words)}
        </Link>
      </td>
      <td data-label={history.trigger} className="soft nowrap">
        {words.triggers[run.trigger] ?? run.trigger}
        {run.dry_run ? `, ${history.dryRun}` : ''}
      </td>
      <td data-label={history.took} className="right mono">
        {took === null ? '–' : duration(took)}
      </td>
      <td data-label={history.when} className="right soft">
        <When at={run.created_at} short inTable />
      </td>
    </tr>
  );
}
