// The last runs as a strip of ticks: height = duration, colour = status, each one a link.
import { Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Run } from '../../api-types.ts';
import { toneOf } from '../../look/status.tsx';
import { duration, shortly } from '../../words/quantities.ts';
import { resultText, tookOf } from '../../words/result.ts';
import { useWords } from '../../words/words.ts';

export function RunStrip({ runs }: { runs: readonly Run[] }): ReactNode {
  const words = useWords();
  const longest = Math.max(1, ...runs.map((run) => tookOf(run) ?? 0));
  const oldestFirst = [...runs].reverse();
  return (
    <ol className="strip" aria-label={words.integration.strip}>
      {oldestFirst.map((run) => {
        const took = tookOf(run) ?? 0;
        const text = `${words.statuses[run.status]}, ${shortly(run.created_at)}, ${duration(took)}`;
        return (
          <li key={run.id}>
            <Tooltip label={`${text}: ${resultText(run, words)}`} multiline maw={320}>
              <Link to="/runs/$runId" params={{ runId: run.id }} aria-label={text}>
                <span
                  className={`tick ${toneOf(run.status)}`}
                  style={{ height: `${Math.round(20 + 80 * (took / longest))}%` }}
                />
              </Link>
            </Tooltip>
          </li>
        );
      })}
    </ol>
  );
}
