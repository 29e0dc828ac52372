// The log of a run as plain rows: searched, filtered by level, each line with an address of its own.
import { useLocation } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { LogLine, Run } from '../../api-types.ts';
import { Icon } from '../../look/icon.tsx';
import { ChoiceField, TextField } from '../../parts/filter-field.tsx';
import { Empty, MoreButton, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useFilter } from '../../parts/use-filter.ts';
import { isEnded, usePages } from '../../queries/runs.ts';
import { useWords } from '../../words/words.ts';

export function LogTab({ run }: { run: Run }): ReactNode {
  const words = useWords();
  const [filter, setFilter] = useFilter();
  const log = usePages<LogLine>(`/runs/${run.id}/log`, { limit: 500 }, isEnded(run) ? undefined : 2000);
  if (log.error !== null) return <Problem error={log.error} onRetry={log.refetch} />;
  if (log.data === undefined) return <Waiting />;
  const { rows } = log.data;
  if (rows.length === 0) return <Empty icon="list" title={words.run.logNone} />;
  const text = (filter.text ?? '').toLowerCase();
  const shown = rows.filter(
    ({ level, message, phase }) =>
      [level, undefined, ''].includes(filter.level) &&
      [phase ?? '-', undefined, ''].includes(filter.step) &&
      message.toLowerCase().includes(text),
  );
  const steps = [...new Set(rows.flatMap(({ phase }) => phase ?? []))];
  return (
    <>
      <search className="filters">
        <TextField label={words.run.logFilter} value={filter.text} onChange={(next) => setFilter({ text: next })} />
        <ChoiceField
          label={words.run.level}
          value={filter.level}
          choices={[['', words.app.all], ...Object.entries(words.run.logLevels)]}
          onChange={(level) => setFilter({ level })}
        />
        <ChoiceField
          label={words.detail.log.step}
          value={filter.step}
          choices={[['', words.detail.log.allSteps], ...steps.map((step) => [step, step] as const)]}
          onChange={(step) => setFilter({ step })}
        />
        <a className="download" href={downloadOf(rows)} download={`run-${run.id}.log`}>
          {words.run.download}
        </a>
      </search>
      <ol className="log">
        {shown.map((line) => (
          <Line key={line.seq} line={line} started={rows[0]?.at ?? line.at} />
        ))}
      </ol>
      <MoreButton pages={log} />
    </>
  );
}

function Line({ line, started }: { line: LogLine; started: string }): ReactNode {
  const words = useWords();
  const seconds = (Date.parse(line.at) - Date.parse(started)) / 1000;
  const id = `line-${line.seq}`;
  const linked = useLocation({ select: ({ hash }) => hash === id });
  return (
    <li id={id} ref={linked ? show : undefined} className={`log-${line.level}${linked ? ' is-linked' : ''}`}>
      <a href={`#${id}`} className="log-time">
        <span className="hidden">
          {words.run.line} {line.seq}{' '}
        </span>
        +{seconds.toFixed(2)} s
      </a>
      <span className="log-phase">
        {line.level === 'info' ? null : (
          <span className={line.level === 'error' ? 'ink-red' : 'ink-amber'}>
            <Icon name="alert" size={13} />
            <span className="hidden">{words.run.logLevels[line.level]}</span>
          </span>
        )}
        {line.phase ?? ''}
      </span>
      <span className="log-text">{line.message}</span>
    </li>
  );
}

// The lines come after the address was read, so the browser itself has found none to scroll to.
function show(line: HTMLLIElement | null): void {
  line?.scrollIntoView({ block: 'center' });
}

function downloadOf(rows: readonly LogLine[]): string {
  const text = rows.map(({ at, level, phase, message }) => `${at} ${level} ${phase ?? '-'} ${message}`).join('\n');
  return `data:text/plain;charset=utf-8,${encodeURIComponent(`${text}\n`)}`;
}
