// What runs now, and what comes next.
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Config, Run } from '../../api-types.ts';
import { RunBadge } from '../../look/status.tsx';
import { Section } from '../../parts/page-parts.tsx';
import { When } from '../../parts/when.tsx';
import { useRunName } from '../../queries/configs.ts';
import { scheduleWords } from '../../words/schedule-words.ts';
import { useWords } from '../../words/words.ts';

export function RunningNow({ runs }: { runs: readonly Run[] }): ReactNode {
  const words = useWords();
  const nameOf = useRunName();
  if (runs.length === 0) return null;
  return (
    <Section title={words.home.running} aside={runs.length}>
      <ul className="needs">
        {runs.slice(0, 8).map((run) => {
          const items = run.progress?.items;
          return (
            <li key={run.id} className="need">
              <RunBadge status={run.status} />
              <div className="need-text">
                <Link className="row-link strong" to="/runs/$runId" params={{ runId: run.id }}>
                  {nameOf(run) ?? words.run.fanOut}
                </Link>
              </div>
              <span className="soft small mono">
                {run.phase === null ? '' : words.phases[run.phase]}
                {typeof items === 'number' && items > 0 ? ` · ${words.integrations.soFar(items)}` : ''}
              </span>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

export function NextSyncs({ configs }: { configs: readonly Config[] }): ReactNode {
  const words = useWords();
  const due = configs
    .filter(({ schedule }) => schedule.next_due_at !== null)
    .sort((a, b) => String(a.schedule.next_due_at).localeCompare(String(b.schedule.next_due_at)))
    .slice(0, 6);
  if (due.length === 0) return <p className="soft">{words.home.nextNone}</p>;
  return (
    <ul className="plain-list">
      {due.map((config) => (
        <li key={config.id}>
          <Link className="row-link" to="/integrations/$configId" params={{ configId: config.id }}>
            {config.name}
          </Link>
          <span className="soft small">{scheduleWords(config.schedule, words)}</span>
          <When at={config.schedule.next_due_at} inTable />
        </li>
      ))}
    </ul>
  );
}
