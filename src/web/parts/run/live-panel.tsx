// A run while it goes on: its steps, items so far, what it waits for, and the way to cancel it.
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Run } from '../../api-types.ts';
import { Icon } from '../../look/icon.tsx';
import { useRunCall } from '../../queries/runs.ts';
import { duration, size } from '../../words/quantities.ts';
import { number } from '../../words/say.ts';
import { useWords } from '../../words/words.ts';
import { Problem } from '../problem.tsx';
import { useNow } from '../when.tsx';

const steps = ['fetch', 'format', 'plan', 'save'] as const;

interface PanelProps {
  run: Run;
  isPolling: boolean;
  /** On the page of the run itself there is nowhere to go. */
  isOwnPage?: boolean;
}

export function LivePanel({ run, isPolling, isOwnPage = false }: PanelProps): ReactNode {
  const words = useWords();
  const cancel = useRunCall();
  const isCancelling = run.cancel_requested_at !== null || cancel.isPending;
  return (
    <section className="live" aria-label={words.live.title}>
      <Steps run={run} />
      <Numbers run={run} />
      <div className="live-foot">
        <p className="soft small">{sentenceOf(run, { isPolling, isCancelling, words })}</p>
        <div className="live-actions">
          {isOwnPage ? null : (
            <Button variant="subtle" component={Link} to="/runs/$runId" params={{ runId: run.id } as never}>
              {words.live.open}
            </Button>
          )}
          <Button
            variant="default"
            disabled={isCancelling}
            onClick={() => cancel.mutate({ path: `/runs/${run.id}/cancel` })}
          >
            {words.live.cancel}
          </Button>
        </div>
      </div>
      {cancel.error === null ? null : <Problem error={cancel.error} />}
      <Spoken run={run} />
    </section>
  );
}

interface Situation {
  isPolling: boolean;
  isCancelling: boolean;
  words: ReturnType<typeof useWords>;
}

function sentenceOf(run: Run, { isPolling, isCancelling, words }: Situation): string {
  if (isCancelling) return words.live.cancelling;
  if (run.status === 'queued') return words.live.behind;
  if (run.phase === 'waiting') return words.live.waiting;
  return isPolling ? words.live.reconnecting : run.worker === null ? '' : `${words.live.worker} ${run.worker}`;
}

function Steps({ run }: { run: Run }): ReactNode {
  const words = useWords();
  const phase = run.phase === 'waiting' ? 'fetch' : run.phase;
  const at = run.status === 'queued' || phase === null ? -1 : steps.indexOf(phase);
  return (
    <ol className="steps">
      {steps.map((step, index) => {
        const state = index < at ? 'done' : index === at ? 'now' : 'toCome';
        return (
          <li key={step} className={`step ${state}`} {...(state === 'now' ? { 'aria-current': 'step' as const } : {})}>
            <span className="step-mark">
              <span className={state === 'now' ? 'turning' : undefined}>
                <Icon name={state === 'done' ? 'check' : state === 'now' ? 'run' : 'dot'} size={12} />
              </span>
            </span>
            {words.phases[step]}
            <span className="hidden">, {words.live[state]}</span>
          </li>
        );
      })}
    </ol>
  );
}

function Numbers({ run }: { run: Run }): ReactNode {
  const words = useWords();
  const now = useNow(1000);
  const { items, bytes } = run.progress ?? {};
  const since = Date.parse(run.started_at ?? run.created_at);
  return (
    <dl className="numbers">
      <div>
        <dt>{words.live.items}</dt>
        <dd>{number(typeof items === 'number' ? items : 0)}</dd>
      </div>
      <div>
        <dt>{words.live.bytes}</dt>
        <dd>{size(typeof bytes === 'number' ? bytes : 0)}</dd>
      </div>
      <div>
        <dt>{words.live.elapsed}</dt>
        <dd>{duration(Math.max(0, Math.floor((now - since) / 1000) * 1000))}</dd>
      </div>
    </dl>
  );
}

/** What a screen reader hears: not more often than every five seconds. */
function Spoken({ run }: { run: Run }): ReactNode {
  const words = useWords();
  const phase = run.status === 'queued' ? words.phases.queued : run.phase === null ? '' : words.phases[run.phase];
  const items = run.progress?.items;
  const text = typeof items === 'number' && items > 0 ? `${phase}, ${words.integrations.soFar(items)}` : phase;
  const latest = useRef(text);
  latest.current = text;
  const [spoken, setSpoken] = useState(text);
  useEffect(() => {
    const timer = setInterval(() => setSpoken(latest.current), 5000);
    return () => clearInterval(timer);
  }, []);
  return (
    <p className="hidden" aria-live="polite">
      {spoken}
    </p>
  );
}
