// One change as a row: what, which item, and its fields old → new.
import type { ReactNode } from 'react';
import type { Change } from '../../api-types.ts';
import { useWords } from '../../words/words.ts';
import { DiffLines } from './diff-lines.tsx';

const marks = { created: '+', updated: '~', removed: '−', restored: '↑' } as const;

export function ChangeRow({ change }: { change: Change }): ReactNode {
  const words = useWords();
  const { operation, kind, name, external_id, path_id, fields } = change;
  return (
    <li className={`diff-item diff-${operation}`}>
      <span className="diff-mark" aria-hidden="true">
        {marks[operation]}
      </span>
      <div className="diff-head">
        <span className="strong">{name ?? words.app.noName}</span>
        <span className="soft small">
          {words.run.operation[operation]} · {words.kind[kind]} ·{' '}
          <code>
            {external_id}
            {path_id === null || path_id === external_id ? '' : ` / ${path_id}`}
          </code>
        </span>
      </div>
      {operation === 'updated' || operation === 'restored' ? <DiffLines fields={fields} /> : null}
    </li>
  );
}
