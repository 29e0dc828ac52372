// Changed fields, each on one line: old struck, new in green ink, and for prices how much it moved.
import type { ReactNode } from 'react';
import { saidIn } from '../words/say.ts';
import { useWords } from '../words/words.ts';

type Fields = Readonly<Record<string, readonly unknown[]>>;

const amounts = new Set(['price', 'discount_amount']);

export function DiffLines({ fields }: { fields: Fields }): ReactNode {
  const names = Object.keys(fields).sort((a, b) => Number(amounts.has(b)) - Number(amounts.has(a)));
  return (
    <dl className="diff-lines">
      {names.map((name) => {
        const [before, after] = fields[name] ?? [];
        return (
          <div key={name} className={amounts.has(name) ? 'diff-line price' : 'diff-line'}>
            <dt>{name}</dt>
            <dd>
              <del>
                <Value value={before} />
              </del>
              <span className="soft" aria-hidden="true">
                →
              </span>
              <ins>
                <Value value={after} />
              </ins>
              {amounts.has(name) ? <Delta before={before} after={after} /> : null}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function Value({ value }: { value: unknown }): ReactNode {
  const words = useWords();
  if (value === null || value === undefined) return <i>{words.app.none}</i>;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

// Only how far it moved is computed with floats; the prices themselves stand as text.
function Delta({ before, after }: { before: unknown; after: unknown }): ReactNode {
  const [from, to] = [Number(before), Number(after)];
  if (before === null || after === null || !Number.isFinite(from) || !Number.isFinite(to)) return null;
  const signed = new Intl.NumberFormat(saidIn(), { signDisplay: 'exceptZero', minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const percent = new Intl.NumberFormat(saidIn(), { style: 'percent', signDisplay: 'exceptZero', maximumFractionDigits: 1 });
  return (
    <span className="delta">
      {signed.format(to - from)}
      {from === 0 ? '' : `  ${percent.format((to - from) / from)}`}
    </span>
  );
}
