// The list of what needs a person, each with its reason and one way on.
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Config, RejectGroup, Run } from '../../api-types.ts';
import { Icon } from '../../look/icon.tsx';
import { HealthBadge } from '../../look/status.tsx';
import { Section } from '../../parts/page-parts.tsx';
import { When } from '../../parts/when.tsx';
import { useRunName } from '../../queries/configs.ts';
import { relative } from '../../words/quantities.ts';
import { resultText } from '../../words/result.ts';
import { useWords } from '../../words/words.ts';

export type Need =
  | { kind: 'held'; run: Run }
  | { kind: 'failed' | 'late'; config: Config }
  | { kind: 'rejects'; groups: readonly RejectGroup[] };

export function NeedsYou({ needs }: { needs: readonly Need[] }): ReactNode {
  const words = useWords();
  if (needs.length === 0) {
    return (
      <p className="all-good">
        <Icon name="check" />
        {words.home.goodText}
      </p>
    );
  }
  return (
    <Section title={words.home.needsTitle} aside={needs.length}>
      <ul className="needs">
        {needs.map((need) => (
          <li key={keyOf(need)} className={`need need-${need.kind}`}>
            {need.kind === 'held' ? (
              <Held run={need.run} />
            ) : need.kind === 'rejects' ? (
              <Rejects groups={need.groups} />
            ) : (
              <Ill kind={need.kind} config={need.config} />
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function keyOf(need: Need): string {
  if (need.kind === 'rejects') return need.kind;
  return need.kind === 'held' ? need.run.id : need.config.id;
}

/** All of them are one thing to do: the page behind it has them by reason. */
function Rejects({ groups }: { groups: readonly RejectGroup[] }): ReactNode {
  const { rejects: words } = useWords();
  const open = groups.reduce((sum, group) => sum + group.open, 0);
  const titles = [...new Set(groups.map(({ reason, example }) => words.reasons[reason]?.[0] ?? example))];
  const last =
    groups
      .map(({ last_seen }) => last_seen)
      .sort()
      .at(-1) ?? null;
  return (
    <>
      <HealthBadge health="partial" />
      <div className="need-text">
        <Link className="row-link strong" to="/rejects">
          {words.needs(open)}
        </Link>
        <p className="soft">
          {titles.slice(0, 3).join(' · ')}
          {titles.length > 3 ? ' …' : ''}
        </p>
      </div>
      <span className="soft small">
        <When at={last} inTable />
      </span>
    </>
  );
}

function Held({ run }: { run: Run }): ReactNode {
  const words = useWords();
  const nameOf = useRunName();
  return (
    <>
      <HealthBadge health="held" />
      <div className="need-text">
        <Link className="row-link strong" to="/runs/$runId" params={{ runId: run.id }}>
          {nameOf(run) ?? words.run.fanOut}
        </Link>
        <p className="soft">{resultText(run, words)}</p>
      </div>
      <span className="soft small">
        <When at={run.finished_at} inTable />
      </span>
    </>
  );
}

function Ill({ kind, config }: { kind: 'failed' | 'late'; config: Config }): ReactNode {
  const words = useWords();
  const due = config.schedule.next_due_at;
  const reason = kind === 'failed' ? config.last_error : words.home.lateText(due === null ? '' : relative(due, words));
  return (
    <>
      <HealthBadge health={kind} />
      <div className="need-text">
        <Link className="row-link strong" to="/integrations/$configId" params={{ configId: config.id }}>
          {config.name}
        </Link>
        <p className="soft">{reason}</p>
      </div>
      <span className="soft small">
        <When at={config.last_sync_at} inTable />
      </span>
    </>
  );
}
