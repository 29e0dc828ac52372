// One integration: how it fares in a sentence, Sync now that becomes the live panel, its settings and its runs.
import { Link, useParams } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import type { Run, ShownConfig, Source } from '../../api-types.ts';
import { HealthBadge } from '../../look/status.tsx';
import { Empty, PageHead, Section, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { LivePanel } from '../../parts/run/live-panel.tsx';
import { Receipt } from '../../parts/run/receipt.tsx';
import { RunStrip } from '../../parts/run/run-strip.tsx';
import { RunsTable } from '../../parts/run/runs-table.tsx';
import { SyncButton } from '../../parts/run/sync-button.tsx';
import { activeRunOf, healthOf, useConfig, useSources } from '../../queries/configs.ts';
import { useLiveRun } from '../../queries/live-run.ts';
import { isEnded, useActiveRuns, useHolds, useRuns } from '../../queries/runs.ts';
import { relative } from '../../words/quantities.ts';
import { useWords } from '../../words/words.ts';
import { ConnectionTest } from './connection-test.tsx';
import { MoreActions } from './more-actions.tsx';
import { Settings } from './settings.tsx';

export function IntegrationPage(): ReactNode {
  const { configId = '' } = useParams({ strict: false });
  const words = useWords();
  const config = useConfig(configId);
  if (config.error !== null && config.data === undefined) {
    return (
      <>
        <PageHead title={words.pages.integrations} above={<BackLink />} />
        <Problem error={config.error} onRetry={config.refetch} />
      </>
    );
  }
  if (config.data === undefined) {
    return (
      <>
        <PageHead title={words.pages.integrations} above={<BackLink />} />
        <Waiting rows={10} />
      </>
    );
  }
  return <Detail key={config.data.id} config={config.data} />;
}

function BackLink(): ReactNode {
  const words = useWords();
  return <Link to="/integrations">{words.pages.integrations}</Link>;
}

function Detail({ config }: { config: ShownConfig }): ReactNode {
  const active = useActiveRuns();
  const holds = useHolds();
  const sources = useSources();
  const [watchedId, setWatchedId] = useState<string | null>(null);
  const [isTesting, setTesting] = useState(false);
  const running = activeRunOf(config, active.data ?? []);
  const health = healthOf(config, { active: active.data ?? [], holds: holds.data?.data ?? [] });
  const source = sources.data?.find(({ id }) => id === config.source_id);
  // Also one that somebody else began, or this page before it was loaded again: its receipt then takes its place.
  const runningId = running?.id ?? null;
  useEffect(() => {
    if (runningId !== null) setWatchedId(runningId);
  }, [runningId]);
  return (
    <>
      <PageHead
        title={config.name}
        above={<BackLink />}
        actions={
          <>
            <MoreActions config={config} onTest={() => setTesting(true)} />
            <SyncButton config={config} active={running} primary onStarted={({ id }) => setWatchedId(id)} />
          </>
        }
      >
        <HealthBadge health={health} /> <Sentence config={config} source={source} />
      </PageHead>
      {watchedId === null ? null : <Watched key={watchedId} runId={watchedId} />}
      {isTesting ? <ConnectionTest configId={config.id} onClose={() => setTesting(false)} /> : null}
      <Runs config={config} />
      <Settings config={config} source={source} />
    </>
  );
}

function Sentence({ config, source }: { config: ShownConfig; source: Source | undefined }): ReactNode {
  const words = useWords();
  const { integration, integrations } = words;
  if (config.source_id === null) return integration.notRunnable(config.missing.join(', '));
  const { paused_at, paused_by, paused_reason } = config.schedule;
  if (paused_at !== null)
    return integration.pausedSince(paused_by ?? words.app.unknown, paused_reason ?? integration.noReason);
  if (source === undefined) return null;
  const { products, modifiers, discounts } = source.items;
  const what = integrations.itemsOf(products.live, modifiers.live, discounts.live);
  const checked = source.last_synced_at;
  return `${integration.healthy(what)} ${checked === null ? '' : integration.checked(relative(checked, words))}`;
}

/** The run that was just started or is under way: live, then its receipt in the same place. */
function Watched({ runId }: { runId: string }): ReactNode {
  const words = useWords();
  const run = useLiveRun(runId);
  if (run.data === undefined) return null;
  if (!isEnded(run.data)) return <LivePanel run={run.data} isPolling={run.isPolling} />;
  return (
    <div className="ended" role="status">
      <Receipt run={run.data} />
      <Link to="/runs/$runId" params={{ runId }}>
        {words.live.open}
      </Link>
    </div>
  );
}

function Runs({ config }: { config: ShownConfig }): ReactNode {
  const words = useWords();
  const runs = useRuns({ config_id: config.id, limit: 10 }, 10_000);
  if (config.source_id === null) return null;
  const link = (
    <Link to="/history" search={{ config: config.id }}>
      {words.integration.allRuns}
    </Link>
  );
  return (
    <Section title={words.integration.recent} aside={link}>
      {runs.error === null ? null : <Problem error={runs.error} onRetry={runs.refetch} />}
      {runs.data === undefined ? <Waiting rows={4} /> : <Latest runs={runs.data.data} />}
    </Section>
  );
}

function Latest({ runs }: { runs: readonly Run[] }): ReactNode {
  const words = useWords();
  if (runs.length === 0) return <Empty icon="till" title={words.integration.stripNone} />;
  return (
    <>
      <RunStrip runs={runs} />
      <RunsTable runs={runs.slice(0, 5)} label={words.integration.recent} withoutName />
    </>
  );
}
