// The receipt: a finished run summed up like a till does it, as the command prints it.
import type { ReactNode } from 'react';
import type { Run } from '../../api-types.ts';
import { toneOf } from '../../look/status.tsx';
import { duration, utc } from '../../words/quantities.ts';
import { kinds, resultText, tookOf, total } from '../../words/result.ts';
import { number } from '../../words/say.ts';
import { useWords } from '../../words/words.ts';

/** '019f3a12-…-9c4e' → '019f3a12…9c4e'. */
export function shortId(id: string): string {
  return id.length <= 12 ? id : `${id.slice(0, 8)}…${id.slice(-4)}`;
}

function signed(sign: string, value: number): string {
  return value === 0 ? '0' : `${sign}${number(value)}`;
}

export function Receipt({ run }: { run: Run }): ReactNode {
  const words = useWords();
  const took = tookOf(run);
  const trigger = words.triggers[run.trigger] ?? run.trigger;
  return (
    <figure className="receipt" aria-label={words.statuses[run.status]}>
      <div className="receipt-paper">
        <div className="receipt-pair">
          <strong>{run.source_name ?? words.run.fanOut}</strong>
          <span>run {shortId(run.id)}</span>
        </div>
        <div className="receipt-pair soft">
          <span>{utc(run.finished_at ?? run.created_at)}</span>
          <span>{[took === null ? '' : duration(took), trigger].filter((part) => part !== '').join('  ')}</span>
        </div>
        <hr />
        {run.counts === null ? null : <Counts run={run} />}
        <p className="receipt-total">
          <strong className={`ink-${toneOf(run.status)}`}>{words.statuses[run.status].toUpperCase()}</strong>
          <span>{resultText(run, words)}</span>
        </p>
      </div>
    </figure>
  );
}

function Counts({ run }: { run: Run }): ReactNode {
  const words = useWords();
  const { counts } = run;
  if (counts === null) return null;
  const aside = (['duplicates', 'rejected', 'filtered'] as const).filter((name) => total(run, name) > 0);
  return (
    <>
      <table className="receipt-counts">
        <caption className="hidden">{words.run.tabs.changes}</caption>
        <tbody>
          {kinds.map((kind) => {
            const { created, updated, unchanged, removed, restored } = counts[kind];
            return (
              <tr key={kind}>
                <th scope="row">{words.kinds[kind]}</th>
                <td>{number(updated + unchanged + removed)}</td>
                <td>{signed('+', created + restored)}</td>
                <td>{signed('~', updated)}</td>
                <td>{signed('−', removed)}</td>
                <td>= {number(created + restored + updated + unchanged)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {aside.map((name) => (
        <div key={name} className="receipt-leader">
          <span>
            {name === 'rejected'
              ? words.run.tabs.rejects.toLowerCase()
              : name === 'duplicates'
                ? words.run.tabs.duplicates.toLowerCase()
                : name}
          </span>
          <span>{number(total(run, name))}</span>
        </div>
      ))}
      <hr />
    </>
  );
}
