// Where a run came from and how it went: trigger, attempt, worker, stored answers.

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Run } from '../../api-types.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Section } from '../../parts/page-parts.tsx';
import { shortId } from '../../parts/run/receipt.tsx';
import { duration, exactly } from '../../words/quantities.ts';
import { tookOf } from '../../words/result.ts';
import { useWords } from '../../words/words.ts';
import { Attempts } from './attempts.tsx';
import { Payloads } from './payloads.tsx';

export function FactsTab({ run }: { run: Run }): ReactNode {
  const words = useWords();
  const facts = words.run.facts;
  const took = tookOf(run);
  const time = (iso: string | null) => (iso === null ? '–' : exactly(iso));
  const complete = run.complete === null ? '–' : run.complete ? words.run.complete.yes : words.run.complete.no;
  const rows: [string, ReactNode][] = [
    [facts.asked, time(run.created_at)],
    [facts.by, run.requested_by ?? '–'],
    [facts.trigger, words.triggers[run.trigger] ?? run.trigger],
    [facts.started, time(run.started_at)],
    [facts.finished, time(run.finished_at)],
    [facts.took, took === null ? '–' : duration(took)],
    [facts.attempt, run.attempt],
    [facts.complete, complete],
    [facts.reads, run.reads === null ? '–' : words.run.reads[run.reads]],
    [facts.worker, run.worker ?? '–'],
  ];
  return (
    <div className="columns">
      <dl className="facts">
        <dt>{facts.id}</dt>
        <dd>
          <code>{run.id}</code> <CopyButton text={run.id} />
        </dd>
        {rows.map(([name, value]) => (
          <FactRow key={name} name={name} value={value} />
        ))}
        <OtherRun name={facts.retryOf} runId={run.retry_of_run_id} />
        <OtherRun name={facts.applies} runId={run.applies_run_id} />
      </dl>
      <div>
        <Attempts run={run} />
        <Section title={facts.payloads}>
          <Payloads run={run} />
        </Section>
      </div>
    </div>
  );
}

function FactRow({ name, value }: { name: string; value: ReactNode }): ReactNode {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

function OtherRun({ name, runId }: { name: string; runId: string | null }): ReactNode {
  if (runId === null) return null;
  const link = (
    <Link to="/runs/$runId" params={{ runId }}>
      {shortId(runId)}
    </Link>
  );
  return <FactRow name={name} value={link} />;
}
