// Where a run came from and how it went: trigger, attempt, worker, stored answers.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Page, Run, RunPayload } from '../../api-types.ts';
import { callApi } from '../../call-api.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Section } from '../../parts/page-parts.tsx';
import { shortId } from '../../parts/run/receipt.tsx';
import { duration, exactly, size } from '../../words/quantities.ts';
import { tookOf } from '../../words/result.ts';
import { useWords } from '../../words/words.ts';

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
      <Section title={facts.payloads}>
        <Payloads run={run} />
      </Section>
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

function Payloads({ run }: { run: Run }): ReactNode {
  const words = useWords();
  const payloads = useQuery({
    queryKey: ['payloads', run.id],
    queryFn: ({ signal }) => callApi<Page<RunPayload>>(`/runs/${run.id}/payloads`, undefined, { signal }),
  });
  const rows = payloads.data?.data ?? [];
  if (rows.length === 0) return <p className="soft">{payloads.isPending ? words.app.loading : words.app.none}</p>;
  return (
    <ul className="plain-list">
      {rows.map(({ page, bytes, content_hash }) => (
        <li key={page}>
          <span>{words.run.page(page)}</span>
          <span className="mono">{bytes === null ? words.run.gone : size(bytes)}</span>
          <code className="soft">{content_hash?.slice(0, 12) ?? ''}</code>
        </li>
      ))}
    </ul>
  );
}
