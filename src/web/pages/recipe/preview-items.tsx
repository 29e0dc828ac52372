// The first items of one kind, as they would be stored: every digit of a price is the recipe's.
import type { ReactNode } from 'react';
import type { Kind, RecipePreview } from '../../api-types.ts';
import { money } from '../../words/quantities.ts';
import { useWords } from '../../words/words.ts';

type Item = NonNullable<RecipePreview['trial']>['items'][Kind][number];

interface ItemsProps {
  kind: Kind;
  items: readonly Item[];
  count: number;
}

export function PreviewItems({ kind, items, count }: ItemsProps): ReactNode {
  const { kinds, recipe: words, app } = useWords();
  if (items.length === 0) return null;
  const hasPath = items.some((item) => item.path_id !== null && item.path_id !== item.external_id);
  const hasGroup = items.some((item) => groupOf(item) !== null);
  const title = kinds[kind];
  return (
    <section className="made" aria-label={title}>
      <h3>
        <span className="made-kind">{title}</span> <span className="soft">{words.firstOf(items.length, count)}</span>
      </h3>
      <div className="table-frame">
        <table className="rows made-items">
          <caption className="hidden">{title}</caption>
          <thead>
            <tr>
              <th scope="col">{words.name}</th>
              <th scope="col">{words.key}</th>
              {hasPath ? <th scope="col">{words.path}</th> : null}
              {hasGroup ? <th scope="col">{words.category}</th> : null}
              <th scope="col" className="right">
                {kind === 'discounts' ? words.amount : words.price}
              </th>
              <th scope="col">{words.available}</th>
            </tr>
          </thead>
          <tbody>
            {items.map((item, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a key may come twice, which is what one looks for here.
              <tr key={index}>
                <td className="cell-name">{item.name ?? <span className="soft">{app.noName}</span>}</td>
                <td className="mono" data-label={words.key}>
                  {item.external_id}
                </td>
                {hasPath ? (
                  <td className="mono soft" data-label={words.path}>
                    {item.path_id}
                  </td>
                ) : null}
                {hasGroup ? (
                  <td className="soft" data-label={words.category}>
                    {groupOf(item) ?? '–'}
                  </td>
                ) : null}
                <td className="mono right" data-label={kind === 'discounts' ? words.amount : words.price}>
                  {priceOf(item)}
                </td>
                <td data-label={words.available}>
                  {item.is_available === null ? (
                    <span className="soft">{app.unknown}</span>
                  ) : item.is_available ? (
                    words.yes
                  ) : (
                    words.no
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function groupOf(item: Item): string | null {
  return item.item_type ?? item.modifier_group_name ?? item.modifier_group_id;
}

function priceOf({ price, discount_amount, discount_percent, currency }: Item): string {
  const amount = price ?? discount_amount;
  if (amount !== null) return money(amount, currency);
  return discount_percent === null ? '–' : `${discount_percent} %`;
}
