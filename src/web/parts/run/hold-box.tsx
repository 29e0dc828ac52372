// Why a run was held, and what became of its plan.
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Run } from '../../api-types.ts';
import { total } from '../../words/result.ts';
import { useWords } from '../../words/words.ts';
import { When } from '../when.tsx';
import { DecideHold } from './decide-hold.tsx';
import { shortId } from './receipt.tsx';

export function HoldBox({ run }: { run: Run }): ReactNode {
  const words = useWords();
  const { hold } = run;
  if (hold === null) return null;
  return (
    <section className="hold" aria-label={words.holds.why}>
      <h2>{words.holds.why}</h2>
      <ul>
        {hold.rules.map((rule) => (
          <li key={`${rule.rule} ${rule.kind}`}>{rule.message}</li>
        ))}
      </ul>
      <p className="soft">
        {words.holds.counts(
          total(run, 'created') + total(run, 'restored'),
          total(run, 'updated'),
          total(run, 'removed'),
        )}
      </p>
      <DecideHold run={run} />
      {hold.resolution === null ? null : (
        <p className="soft">
          {words.run.wasHeld[hold.resolution]}{' '}
          {hold.resolved_by_run === null ? null : (
            <Link to="/runs/$runId" params={{ runId: hold.resolved_by_run }}>
              {shortId(hold.resolved_by_run)}
            </Link>
          )}{' '}
          {hold.resolved_by} <When at={hold.resolved_at} empty="" />
        </p>
      )}
    </section>
  );
}
