// Everything that runs did to an item, of one field where asked, with its price over time.
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import type { ItemHistory, ItemWithData } from '../../api-types.ts';
import { ChoiceField } from '../../parts/filter-field.tsx';
import { DiffLines } from '../../parts/run/diff-lines.tsx';
import { shortId } from '../../parts/run/receipt.tsx';
import { When } from '../../parts/when.tsx';
import { useWords } from '../../words/words.ts';
import { PriceLine, pricesOf } from './price-line.tsx';

type Event = ItemHistory['events'][number];

export function ItemEvents({ item, history }: { item: ItemWithData; history: ItemHistory }): ReactNode {
  const words = useWords();
  const { explain } = words.detail;
  const [field, setField] = useState('');
  const prices = pricesOf(history, item.price);
  const events = history.events.filter(({ fields }) => field === '' || field in fields);
  const fields = timesOf(history.events);
  return (
    <>
      {prices.length > 1 ? <PriceLine prices={prices} currency={item.currency} /> : null}
      <div className="section-head">
        <h2>{words.catalog.history}</h2>
        {fields.length === 0 ? null : (
          <ChoiceField
            label={explain.field}
            value={field}
            choices={[
              ['', explain.allFields],
              ...fields.map(([name, times]) => [name, explain.times(name, times)] as const),
            ]}
            onChange={setField}
          />
        )}
      </div>
      <ol className="timeline">
        {events.reverse().map((event) => (
          <EventLine key={`${event.at} ${event.run_id}`} event={event} field={field} />
        ))}
      </ol>
    </>
  );
}

function EventLine({ event, field }: { event: Event; field: string }): ReactNode {
  const words = useWords();
  const { run_id, operation, at } = event;
  const fields = field === '' ? event.fields : { [field]: event.fields[field] ?? [] };
  return (
    <li>
      <span className={`timeline-what timeline-${operation}`}>{words.run.operation[operation]}</span>
      <span className="soft small">
        <When at={at} inTable />
        {run_id === null ? null : (
          <>
            {' · '}
            <Link to="/runs/$runId" params={{ runId: run_id }}>
              {words.catalog.run} {shortId(run_id)}
            </Link>
          </>
        )}
      </span>
      {operation === 'created' ? null : <DiffLines fields={fields} />}
    </li>
  );
}

/** How often each field changed, the most changed first. */
function timesOf(events: readonly Event[]): [string, number][] {
  const times = new Map<string, number>();
  for (const { fields } of events) {
    for (const name of Object.keys(fields)) times.set(name, (times.get(name) ?? 0) + 1);
  }
  return [...times].sort((a, b) => b[1] - a[1]);
}
