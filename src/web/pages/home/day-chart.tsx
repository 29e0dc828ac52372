// The last 24 hours as bars of runs per hour, with the same in words and as a table.
import type { ReactNode } from 'react';
import type { RunHour, RunStatus } from '../../api-types.ts';
import { toneOf } from '../../look/status.tsx';
import { Waiting } from '../../parts/page-parts.tsx';
import { useLastDay } from '../../queries/runs.ts';
import { shortly } from '../../words/quantities.ts';
import { number } from '../../words/say.ts';
import { useWords } from '../../words/words.ts';

interface Hour {
  from: string;
  good: number;
  aside: number;
  bad: number;
}

function hourOf({ from, runs }: RunHour): Hour {
  const hour: Hour = { from, good: 0, aside: 0, bad: 0 };
  for (const [status, count] of Object.entries(runs)) {
    const tone = toneOf(status as RunStatus);
    hour[tone === 'red' ? 'bad' : tone === 'amber' ? 'aside' : 'good'] += count;
  }
  return hour;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

export function DayChart(): ReactNode {
  const words = useWords();
  const day = useLastDay();
  if (day.data === undefined) return <Waiting rows={3} />;
  const hours = day.data.map(hourOf);
  const runs = sum(hours.map(({ good, aside, bad }) => good + aside + bad));
  if (runs === 0) return <p className="soft">{words.home.dayNone}</p>;
  const failed = sum(hours.map(({ bad }) => bad));
  const changes = sum(day.data.map((hour) => hour.changes));
  return (
    <>
      <p className="soft">{words.home.dayText(runs, failed, changes)}</p>
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
