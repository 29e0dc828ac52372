// Changed fields, each on one line: old struck, new in green ink, and for prices how much it moved.
import type { ReactNode } from 'react';
import { Icon } from '../../look/icon.tsx';
import { money } from '../../words/quantities.ts';
import { saidIn } from '../../words/say.ts';
import { useWords } from '../../words/words.ts';

type Fields = Readonly<Record<string, readonly unknown[]>>;

const amounts = new Set(['price', 'discount_amount']);

/** Fields of the item stand open; what else changed in the POS's own item is folded below them. */
export function DiffLines({ fields }: { fields: Fields }): ReactNode {
  const words = useWords();
  const names = Object.keys(fields).sort((a, b) => Number(amounts.has(b)) - Number(amounts.has(a)));
  const own = names.filter((name) => !name.startsWith('data.') && name !== 'data');
  const raw = names.filter((name) => !own.includes(name));
  return (
    <div className="diff-lines">
      {own.length === 0 ? null : <Lines names={own} fields={fields} />}
      {raw.length === 0 ? null : (
        <details className="raw">
          <summary>{words.run.rawFields(raw.length)}</summary>
          <Lines names={raw} fields={fields} />
        </details>
      )}
    </div>
  );
}

function Lines({ names, fields }: { names: readonly string[]; fields: Fields }): ReactNode {
  return (
    <dl>
      {names.map((name) => {
        const [before, after] = fields[name] ?? [];
        const isAmount = amounts.has(name);
        return (
          <div key={name} className={isAmount ? 'diff-line price' : 'diff-line'}>
            <dt>{name.replace(/^data\./, '')}</dt>
            <dd>
              <del>
                <Value value={before} isAmount={isAmount} />
              </del>
              <span className="soft diff-arrow">
                <Icon name="arrow" size={12} />
              </span>
              <ins>
                <Value value={after} isAmount={isAmount} />
              </ins>
              {isAmount ? <Delta before={before} after={after} /> : null}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function Value({ value, isAmount }: { value: unknown; isAmount: boolean }): ReactNode {
  const words = useWords();
  if (value === null || value === undefined) return <i>{words.app.none}</i>;
  if (typeof value !== 'string') return JSON.stringify(value);
  return isAmount ? money(value, null) : value;
}

// Only how far it moved is computed with floats; the prices themselves stand as text.
function Delta({ before, after }: { before: unknown; after: unknown }): ReactNode {
  const [from, to] = [Number(before), Number(after)];
  if (before === null || after === null || !Number.isFinite(from) || !Number.isFinite(to)) return null;
  const signed = new Intl.NumberFormat(saidIn(), {
    signDisplay: 'exceptZero',
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  });
  const percent = new Intl.NumberFormat(saidIn(), {
    style: 'percent',
    signDisplay: 'exceptZero',
    maximumFractionDigits: 1,
  });
  return (
    <span className="delta">
      {signed.format(to - from)}
      {from === 0 ? '' : `  ${percent.format((to - from) / from)}`}
    </span>
  );
}
