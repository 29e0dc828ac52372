// One run: live while it goes on, then its receipt, what it changed, what it set aside, and its log.
import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Run } from '../../api-types.ts';
import { RunBadge } from '../../look/status.tsx';
import { PageHead, Waiting } from '../../parts/page-parts.tsx';
import { Problem, RunProblem } from '../../parts/problem.tsx';
import { DecideHold } from '../../parts/run/decide-hold.tsx';
import { HoldBox } from '../../parts/run/hold-box.tsx';
import { LivePanel } from '../../parts/run/live-panel.tsx';
import { Receipt } from '../../parts/run/receipt.tsx';
import { When } from '../../parts/when.tsx';
import { useRunName } from '../../queries/configs.ts';
import { useLiveRun } from '../../queries/live-run.ts';
import { isEnded } from '../../queries/runs.ts';
import { resultText } from '../../words/result.ts';
import { useWords } from '../../words/words.ts';
import { Neighbours } from './neighbours.tsx';
import { RunActions } from './run-actions.tsx';
import { RunTabs } from './run-tabs.tsx';

export function RunPage(): ReactNode {
  const { runId = '' } = useParams({ strict: false });
  const words = useWords();
  const run = useLiveRun(runId);
  if (run.error !== null && run.data === undefined) {
    return (
      <>
        <PageHead title={words.pages.run} above={<Link to="/history">{words.pages.history}</Link>} />
        <Problem error={run.error} onRetry={run.refetch} />
      </>
    );
  }
  if (run.data === undefined) {
    return (
      <>
        <PageHead title={words.pages.run} above={<Link to="/history">{words.pages.history}</Link>} />
        <Waiting rows={10} />
      </>
    );
  }
  return <Detail key={run.data.id} run={run.data} isPolling={run.isPolling} />;
}

function Detail({ run, isPolling }: { run: Run; isPolling: boolean }): ReactNode {
  const words = useWords();
  const named = useRunName()(run);
  const name = named === null ? words.run.fanOut : words.run.of(named);
  return (
    <>
      <PageHead
        title={name}
        above={
          <>
            <Link to="/history">{words.pages.history}</Link>
            <Neighbours run={run} />
          </>
        }
        actions={<RunActions run={run} />}
      >
        <RunBadge status={run.status} />{' '}
        {isEnded(run) && run.error === null && run.hold === null ? <strong>{resultText(run, words)}</strong> : null}{' '}
        <span className="soft">
          <When at={run.finished_at ?? run.created_at} />
        </span>
      </PageHead>
      {isEnded(run) ? <Ended run={run} /> : <LivePanel run={run} isPolling={isPolling} isOwnPage />}
      <RunTabs run={run} />
    </>
  );
}

function Ended({ run }: { run: Run }): ReactNode {
  return (
    <div className="run-top">
      <Receipt run={run} />
      <div className="run-beside">
        {run.error === null ? null : <RunProblem error={run.error} runId={run.id} />}
        {run.hold === null ? null : <HoldBox run={run} />}
        {run.status === 'planned' ? <DecideHold run={run} /> : null}
        {run.notes.map((note) => (
          <p key={note} className="note">
            {note}
          </p>
        ))}
      </div>
    </div>
  );
}
