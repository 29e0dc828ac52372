// The chain of tries that a run belongs to, oldest first, each with how it ended.
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Run, RunsAround } from '../../api-types.ts';
import { RunBadge } from '../../look/status.tsx';
import { Section } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { shortId } from '../../parts/run/receipt.tsx';
import { When } from '../../parts/when.tsx';
import { useAround } from '../../queries/around.ts';
import { useWords } from '../../words/words.ts';

export function Attempts({ run }: { run: Run }): ReactNode {
  const words = useWords();
  const { attempts: own } = words.detail;
  const around = useAround(run);
  const attempts = around.data?.attempts ?? [];
  return (
    <Section title={own.title} aside={attempts.length > 1 ? attempts.length : undefined}>
      {around.error === null ? null : <Problem error={around.error} onRetry={around.refetch} />}
      {attempts.length > 1 ? (
        <ol className="attempts">
          {attempts.map((attempt, index) => (
            <Attempt key={attempt.id} attempt={attempt} isHere={attempt.id === run.id} number={index + 1} />
          ))}
        </ol>
      ) : (
        <p className="soft">{around.isPending ? words.app.loading : own.one}</p>
      )}
    </Section>
  );
}

interface AttemptProps {
  attempt: RunsAround['attempts'][number];
  isHere: boolean;
  number: number;
}

function Attempt({ attempt, isHere, number }: AttemptProps): ReactNode {
  const words = useWords();
  const { attempts: own } = words.detail;
  return (
    <li className={isHere ? 'is-here' : undefined} aria-current={isHere ? 'true' : undefined}>
      <RunBadge status={attempt.status} />
      <span>
        {isHere ? (
          <strong>
            {own.number(number)}, {own.here}
          </strong>
        ) : (
          <Link to="/runs/$runId" params={{ runId: attempt.id }}>
            {own.number(number)}, {shortId(attempt.id)}
          </Link>
        )}
        <span className="under">
          {words.triggers[attempt.trigger] ?? attempt.trigger}
          {attempt.error_code === null ? null : (
            <>
              {' · '}
              <code>{attempt.error_code}</code>
            </>
          )}
        </span>
      </span>
      <span className="soft small right">
        <When at={attempt.finished_at ?? attempt.created_at} inTable />
      </span>
    </li>
  );
}
