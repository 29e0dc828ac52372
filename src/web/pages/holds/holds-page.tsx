// Held runs: why each one waits, what it would do, ten examples, and the decision.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Change, Page, Run } from '../../api-types.ts';
import { callApi } from '../../call-api.ts';
import { Empty, PageHead, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { ChangeRow } from '../../parts/run/change-row.tsx';
import { HoldBox } from '../../parts/run/hold-box.tsx';
import { When } from '../../parts/when.tsx';
import { useRunName } from '../../queries/configs.ts';
import { useHolds } from '../../queries/runs.ts';
import { useWords } from '../../words/words.ts';

export function HoldsPage(): ReactNode {
  const words = useWords();
  const holds = useHolds();
  return (
    <>
      <PageHead title={words.pages.holds}>{words.holds.intro}</PageHead>
      {holds.error !== null && holds.data === undefined ? (
        <Problem error={holds.error} onRetry={holds.refetch} />
      ) : null}
      {holds.data === undefined && holds.error === null ? <Waiting /> : null}
      {holds.data?.data.length === 0 ? (
        <Empty icon="check" title={words.holds.none}>
          {words.holds.noneText}
        </Empty>
      ) : null}
      {holds.data?.data.map((run) => (
        <Held key={run.id} run={run} />
      ))}
    </>
  );
}

function Held({ run }: { run: Run }): ReactNode {
  const words = useWords();
  const name = useRunName()(run) ?? words.run.fanOut;
  return (
    <section className="held" aria-label={name}>
      <div className="section-head">
        <h2>
          <Link className="row-link" to="/runs/$runId" params={{ runId: run.id }}>
            {name}
          </Link>
        </h2>
        <span className="small soft">
          <When at={run.finished_at} />
        </span>
      </div>
      <HoldBox run={run} />
      <Examples run={run} />
    </section>
  );
}

function Examples({ run }: { run: Run }): ReactNode {
  const words = useWords();
  const changes = useQuery({
    queryKey: ['examples', run.id],
    queryFn: ({ signal }) => callApi<Page<Change>>(`/runs/${run.id}/changes`, { limit: 10 }, { signal }),
  });
  if (changes.data === undefined) return null;
  return (
    <>
      <h3 className="soft examples">{words.holds.examples}</h3>
      <ul className="diff">
        {changes.data.data.map((change) => (
          <ChangeRow key={`${change.kind} ${change.external_id} ${change.path_id}`} change={change} />
        ))}
      </ul>
      <p className="small">
        <Link to="/runs/$runId" params={{ runId: run.id }}>
          {words.holds.allExamples}
        </Link>
      </p>
    </>
  );
}
