// The last 24 hours as bars of runs per hour, with the same in words and as a table.
import type { ReactNode } from 'react';
import type { Run } from '../../api-types.ts';
import { toneOf } from '../../look/status.tsx';
import { Waiting } from '../../parts/page-parts.tsx';
import { useNow } from '../../parts/when.tsx';
import { useRuns } from '../../queries/runs.ts';
import { shortly } from '../../words/quantities.ts';
import { changesOf } from '../../words/result.ts';
import { number } from '../../words/say.ts';
import { useWords } from '../../words/words.ts';

const hourMs = 3_600_000;

interface Hour {
  from: string;
  good: number;
  aside: number;
  bad: number;
}

function hoursOf(runs: readonly Run[], end: number): Hour[] {
  const hours = Array.from({ length: 24 }, (_, index): Hour => {
    const from = new Date(end - (24 - index) * hourMs).toISOString();
    return { from, good: 0, aside: 0, bad: 0 };
  });
  for (const run of runs) {
    const hour = hours[Math.floor((Date.parse(run.created_at) - end) / hourMs) + 24];
    if (hour === undefined || run.is_parent) continue;
    const tone = toneOf(run.status);
    hour[tone === 'red' ? 'bad' : tone === 'amber' ? 'aside' : 'good'] += 1;
  }
  return hours;
}

export function DayChart(): ReactNode {
  const words = useWords();
  const now = useNow(60_000);
  // Whole hours, the last of which goes on: the question stays the same between two looks, and the axis is easy to read.
  const end = (Math.floor(now / hourMs) + 1) * hourMs;
  const since = end - 24 * hourMs;
  const runs = useRuns({ since: new Date(since).toISOString(), limit: 1000 }, 60_000);
  if (runs.data === undefined) return <Waiting rows={3} />;
  const { data } = runs.data;
  if (data.length === 0) return <p className="soft">{words.home.dayNone}</p>;
  const failed = data.filter((run) => toneOf(run.status) === 'red').length;
  const changes = data.reduce(
    (sum, run) => sum + (['success', 'partial'].includes(run.status) ? changesOf(run) : 0),
    0,
  );
  const hours = hoursOf(data, end);
  return (
    <>
      <p className="soft">{words.home.dayText(data.length, failed, changes)}</p>
      <Bars hours={hours} />
      <table className="hidden">
        <caption>{words.home.day}</caption>
        <thead>
          <tr>
            <th scope="col">{words.home.hour}</th>
            <th scope="col">{words.home.runs}</th>
            <th scope="col">{words.statuses.failed}</th>
          </tr>
        </thead>
        <tbody>
          {hours
            .filter(({ good, aside, bad }) => good + aside + bad > 0)
            .map(({ from, good, aside, bad }) => (
              <tr key={from}>
                <td>{shortly(from)}</td>
                <td>{number(good + aside + bad)}</td>
                <td>{number(bad)}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </>
  );
}

function Bars({ hours }: { hours: readonly Hour[] }): ReactNode {
  const most = Math.max(4, ...hours.map(({ good, aside, bad }) => good + aside + bad));
  const height = (runs: number) => ({ height: `${(runs / most) * 100}%` });
  const [first, middle, last] = [hours[0], hours[12], hours[23]];
  return (
    <div aria-hidden="true">
      <div className="bars">
        {hours.map(({ from, good, aside, bad }) => (
          <div key={from} className="bar">
            <span className="red" style={height(bad)} />
            <span className="amber" style={height(aside)} />
            <span className="green" style={height(good)} />
          </div>
        ))}
      </div>
      <div className="bars-axis small soft">
        {[first, middle, last].map((hour) => (
          <span key={hour?.from}>{hour === undefined ? '' : shortly(hour.from).split(', ').at(-1)}</span>
        ))}
      </div>
    </div>
  );
}
