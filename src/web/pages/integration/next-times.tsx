// When a schedule would be due next: its words and five times, told while it is typed.
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { NextTimes as Times } from '../../api-types.ts';
import { type ApiQuery, callApi, ProblemError } from '../../call-api.ts';
import { Waiting } from '../../parts/page-parts.tsx';
import { relative } from '../../words/quantities.ts';
import { saidIn } from '../../words/say.ts';
import { useWords } from '../../words/words.ts';

interface NextProps {
  configId: string;
  /** The schedule that is asked about; null = none. */
  schedule: ApiQuery | null;
  /** The same in words. */
  said: string;
}

export function NextTimes({ configId, schedule, said }: NextProps): ReactNode {
  const words = useWords();
  const { schedule: say } = words.edit;
  const [asked] = useDebouncedValue(JSON.stringify(schedule), 300);
  const next = useQuery({
    queryKey: ['next-times', configId, asked],
    queryFn: ({ signal }) =>
      callApi<Times>(`/configs/${configId}/next-times`, JSON.parse(asked) as ApiQuery, { signal }),
    enabled: schedule !== null && asked !== 'null',
    retry: false,
  });
  if (schedule === null) return <p className="soft">{say.nextNone}</p>;
  if (next.error !== null) return <Refused error={next.error} />;
  if (next.data === undefined) return <Waiting rows={5} />;
  const zone = next.data.time_zone ?? undefined;
  return (
    <section className="next-times" aria-label={say.next} aria-live="polite">
      <p className="strong">{said}</p>
      <h3 className="soft small">{say.next}</h3>
      <ol>
        {next.data.times.map((time) => (
          <li key={time}>
            <time dateTime={time}>{inZone(time, zone)}</time>
            <span className="soft">{relative(time, words)}</span>
          </li>
        ))}
      </ol>
      {changesClock(next.data.times, zone) ? <p className="small ink-amber">{say.clocks}</p> : null}
      <p className="small soft">
        {zone === undefined ? `${say.yours}. ` : ''}
        {say.jitter}
      </p>
    </section>
  );
}

function Refused({ error }: { error: Error }): ReactNode {
  if (!(error instanceof ProblemError)) return <p className="ink-red">{error.message}</p>;
  return (
    <p className="ink-red" role="alert">
      {error.problem.detail} {error.problem.hint}
    </p>
  );
}

/** 'Mon, Nov 30, 04:02 GMT+1' in the schedule's zone, or in the browser's. */
function inZone(iso: string, zone: string | undefined): string {
  return new Intl.DateTimeFormat(saidIn(), {
    weekday: 'short',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
    ...(zone === undefined ? {} : { timeZone: zone }),
  }).format(new Date(iso));
}

/** Whether the zone's clocks are set anew between the first and the last of the times. */
function changesClock(times: readonly string[], zone: string | undefined): boolean {
  const offset = (iso: string) =>
    new Intl.DateTimeFormat('en', { timeZoneName: 'longOffset', ...(zone === undefined ? {} : { timeZone: zone }) })
      .formatToParts(new Date(iso))
      .find(({ type }) => type === 'timeZoneName')?.value;
  return new Set(times.map(offset)).size > 1;
}
