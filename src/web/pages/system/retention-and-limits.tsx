// What is kept for how long and what went last; and where this server draws its lines.
import type { ReactNode } from 'react';
import type { System } from '../../api-types.ts';
import { Section } from '../../parts/page-parts.tsx';
import { When } from '../../parts/when.tsx';
import { number } from '../../words/say.ts';
import { useWords } from '../../words/words.ts';
import { Facts } from './facts.tsx';
import { span } from './times.ts';

type Kept = System['retention'];
type SystemWords = ReturnType<typeof useWords>['system'];

export function Retention({ retention }: { retention: Kept }): ReactNode {
  const { system: words } = useWords();
  const { keeps, last, next_at } = retention;
  const names = words.keeps;
  const both = (...texts: (string | null)[]) => texts.filter((text) => text !== null).join(', ');
  const rows: [string, ReactNode][] = [
    [
      names.runs,
      both(
        words.days(keeps.runs_days),
        keeps.runs_per_source === 0 ? null : words.runsPerSource(keeps.runs_per_source),
      ),
    ],
    [names.logs, keeps.logs_days === 0 ? words.withRun : words.days(keeps.logs_days)],
    [
      names.payloads,
      both(
        keeps.payloads_days === 0 ? words.withRun : words.days(keeps.payloads_days),
        keeps.payloads_per_source === 0 ? null : words.perSource(keeps.payloads_per_source),
      ),
    ],
    [names.audit, words.days(keeps.audit_days)],
    [names.last, last === null ? words.neverDone : <Pass key="l" at={last.ended_at} text={words.by(last.worker)} />],
  ];
  if (last !== null) {
    const worked = last.worked === null ? null : { at: last.worked_at, text: deletedText(last.worked, words) };
    rows.push([names.worked, worked === null ? words.deletedNothing : <Pass key="w" {...worked} />]);
  }
  rows.push([names.next, next_at === null ? words.noNext : <When key="n" at={next_at} />]);
  return (
    <Section title={words.retention}>
      <Facts rows={rows} />
    </Section>
  );
}

function Pass({ at, text }: { at: string | null; text: string }): ReactNode {
  return (
    <>
      <When at={at} />, {text}
    </>
  );
}

function deletedText(counts: Readonly<Record<string, number>>, words: SystemWords): string {
  const parts = Object.entries(words.deleted).flatMap(([name, say]) => {
    const count = counts[name] ?? 0;
    return count === 0 ? [] : [say(count)];
  });
  return parts.length === 0 ? words.deletedNothing : parts.join(', ');
}

export function Limits({ limits }: Pick<System, 'limits'>): ReactNode {
  const { system: words } = useWords();
  const { pool, lease_seconds, save_statement_seconds, plan_memory_changes, calls } = limits;
  const names = words.limit;
  const rows: [string, ReactNode][] = [
    [names.lease, span(lease_seconds)],
    [names.save, save_statement_seconds === 0 ? words.unlimited : span(save_statement_seconds)],
    [names.memory, number(plan_memory_changes)],
    [names.pool, words.pool(pool.used, pool.size)],
  ];
  return (
    <Section title={words.limits}>
      <div className="columns">
        <Facts rows={rows} />
        {calls === null ? <p className="soft system-beside">{words.callsOff}</p> : <Calls calls={calls} />}
      </div>
    </Section>
  );
}

function Calls({ calls }: { calls: NonNullable<System['limits']['calls']> }): ReactNode {
  const { system: words } = useWords();
  const nameOf = (name: string) => words.callNames[name as keyof typeof words.callNames] ?? name;
  return (
    <div className="table-frame">
      <table className="rows">
        <caption className="hidden">{words.calls}</caption>
        <thead>
          <tr>
            <th scope="col">{words.calls}</th>
            <th scope="col" className="right">
              {words.call.atOnce}
            </th>
            <th scope="col" className="right">
              {words.call.perMinute}
            </th>
          </tr>
        </thead>
        <tbody>
          {calls.map(({ name, at_once, per_minute }) => (
            <tr key={name}>
              <td>{nameOf(name)}</td>
              <td data-label={words.call.atOnce} className="right mono">
                {number(at_once)}
              </td>
              <td data-label={words.call.perMinute} className="right mono">
                {number(per_minute)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
