// Home: what needs a person first, then what runs, what comes next, and the last day.
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Config, Page, RejectGroup, Source } from '../../api-types.ts';
import { PageHead, Section, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { RunsTable } from '../../parts/run/runs-table.tsx';
import { useAnswer } from '../../queries/calls.ts';
import { healthOf, useConfigs, useSources } from '../../queries/configs.ts';
import { useActiveRuns, useHolds, useRuns } from '../../queries/runs.ts';
import { kinds } from '../../words/result.ts';
import { number } from '../../words/say.ts';
import { useWords } from '../../words/words.ts';
import { DayChart } from './day-chart.tsx';
import { FirstSteps } from './first-steps.tsx';
import { type Need, NeedsYou } from './needs-you.tsx';
import { NextSyncs, RunningNow } from './soon.tsx';

export function HomePage(): ReactNode {
  const words = useWords();
  const configs = useConfigs();
  const holds = useHolds();
  const active = useActiveRuns();
  const error = configs.error ?? holds.error;
  if (error !== null && configs.data === undefined) {
    return (
      <>
        <PageHead title={words.pages.home} />
        <Problem error={error} onRetry={() => Promise.all([configs.refetch(), holds.refetch()])} />
      </>
    );
  }
  if (configs.data === undefined || holds.data === undefined) {
    return (
      <>
        <PageHead title={words.pages.home} />
        <Waiting rows={8} />
      </>
    );
  }
  if (configs.data.length === 0) {
    return (
      <>
        <PageHead title={words.pages.home} />
        <FirstSteps />
      </>
    );
  }
  const now = { active: active.data ?? [], holds: holds.data.data };
  return <Desk configs={configs.data} now={now} />;
}

type Now = Parameters<typeof healthOf>[1];

function Desk({ configs, now }: { configs: readonly Config[]; now: Now }): ReactNode {
  const words = useWords();
  const rejects = useAnswer<Page<RejectGroup>>('/rejects');
  const needs = needsOf(configs, now, rejects.data?.data ?? []);
  return (
    <>
      <PageHead title={words.pages.home}>
        {needs.length === 0 ? words.home.good : words.home.needs(needs.length)}
      </PageHead>
      <Figures configs={configs} now={now} />
      <NeedsYou needs={needs} />
      <RunningNow runs={now.active} />
      <div className="columns">
        <Section title={words.home.day}>
          <DayChart />
        </Section>
        <Section title={words.home.next}>
          <NextSyncs configs={configs} />
        </Section>
      </div>
      <Recent />
    </>
  );
}

function Recent(): ReactNode {
  const words = useWords();
  const runs = useRuns({ limit: 5 }, 10_000);
  if (runs.data === undefined || runs.data.data.length === 0) return null;
  return (
    <Section title={words.home.recent} aside={<Link to="/history">{words.pages.history}</Link>}>
      <RunsTable runs={runs.data.data} label={words.home.recent} />
    </Section>
  );
}

/** Held first, then failed, then late, then what could not be saved. */
function needsOf(configs: readonly Config[], now: Now, groups: readonly RejectGroup[]): Need[] {
  const held = now.holds.map((run): Need => ({ kind: 'held', run }));
  const failed: Need[] = [];
  const late: Need[] = [];
  for (const config of configs) {
    const health = healthOf(config, now);
    if (health === 'failed') failed.push({ kind: 'failed', config });
    if (health === 'late') late.push({ kind: 'late', config });
  }
  const rejects: Need[] = groups.length > 0 ? [{ kind: 'rejects', groups }] : [];
  return [...held, ...failed, ...late, ...rejects];
}

function Figures({ configs, now }: { configs: readonly Config[]; now: Now }): ReactNode {
  const { home } = useWords();
  const sources = useSources();
  const runnable = configs.filter(({ source_id }) => source_id !== null);
  const healthy = runnable.filter((config) => ['healthy', 'running'].includes(healthOf(config, now)));
  const items = (source: Source) => kinds.reduce((sum, kind) => sum + source.items[kind].live, 0);
  return (
    <dl className="figures">
      <div>
        <dt>{home.stat.integrations}</dt>
        <dd>{number(runnable.length)}</dd>
      </div>
      <div>
        <dt>{home.stat.healthy}</dt>
        <dd>{number(healthy.length)}</dd>
      </div>
      <div>
        <dt>{home.stat.items}</dt>
        <dd>
          {sources.data === undefined ? '…' : number(sources.data.reduce((sum, source) => sum + items(source), 0))}
        </dd>
      </div>
    </dl>
  );
}
