// The price of an item over time as a step line (a price holds until it changes), with the same as a table.
import type { ReactNode } from 'react';
import type { ItemHistory } from '../../api-types.ts';
import { money, shortly } from '../../words/quantities.ts';
import { useWords } from '../../words/words.ts';

export interface PricePoint {
  at: string;
  price: string | null;
}

/** Every price that an item has had, oldest first; `now` is what it costs today. */
export function pricesOf(history: ItemHistory, now: string | null): PricePoint[] {
  const moves = history.events.flatMap(({ at, fields }): { at: string; old: unknown; next: unknown }[] =>
    fields.price === undefined ? [] : [{ at, old: fields.price[0], next: fields.price[1] }],
  );
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  const first = history.events[0];
  const start = first === undefined ? [] : [{ at: first.at, price: moves[0] === undefined ? now : text(moves[0].old) }];
  return [...start, ...moves.map(({ at, next }) => ({ at, price: text(next) }))];
}

const width = 480;
const height = 120;

export function PriceLine({ prices, currency }: { prices: readonly PricePoint[]; currency: string | null }): ReactNode {
  const words = useWords();
  return (
    <figure className="price-line">
      <figcaption>
        <strong>{words.catalog.prices}</strong> <span className="soft">{words.catalog.pricesText(prices.length)}</span>
      </figcaption>
      <svg viewBox={`-4 -8 ${width + 8} ${height + 16}`} aria-hidden="true">
        <Steps prices={prices} />
      </svg>
      <table className="rows">
        <caption className="hidden">{words.catalog.prices}</caption>
        <tbody>
          {[...prices].reverse().map(({ at, price }) => (
            <tr key={at}>
              <th scope="row" className="soft">
                {shortly(at)}
              </th>
              <td className="right mono">{price === null ? words.app.none : money(price, currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}

// Only where the line stands is computed with floats; the prices beside it are text.
function Steps({ prices }: { prices: readonly PricePoint[] }): ReactNode {
  const amounts = prices.map(({ price }) => Number(price ?? 0));
  const [low, high] = [Math.min(...amounts), Math.max(...amounts)];
  const start = Date.parse(prices[0]?.at ?? '');
  const span = Math.max(1, Date.now() - start);
  const x = (at: string) => ((Date.parse(at) - start) / span) * width;
  const y = (amount: number) => (high === low ? height / 2 : height - ((amount - low) / (high - low)) * height);
  const points = prices.map(({ at }, index) => ({ at, left: x(at), top: y(amounts[index] ?? 0) }));
  const path = points.map(({ left, top }, index) => (index === 0 ? `M${left} ${top}` : `H${left}V${top}`)).join('');
  return (
    <>
      <path className="price-path" d={`${path}H${width}`} />
      {points.map(({ at, left, top }) => (
        <circle key={at} className="price-point" cx={left} cy={top} r={3.5} />
      ))}
    </>
  );
}
