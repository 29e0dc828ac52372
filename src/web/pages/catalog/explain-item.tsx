// Why an item is as it is: the runs that made it so, the answer and the settings that they used, and the prices that the POS names.
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ItemHistory, ItemWithData, Page, RunPayload } from '../../api-types.ts';
import { Section } from '../../parts/page-parts.tsx';
import { shortId } from '../../parts/run/receipt.tsx';
import { When } from '../../parts/when.tsx';
import { useRunSettings } from '../../queries/around.ts';
import { useAnswer } from '../../queries/calls.ts';
import { money, size } from '../../words/quantities.ts';
import { useWords } from '../../words/words.ts';
import { namedPrices, shapesPrices } from './named-prices.ts';

type Event = ItemHistory['events'][number];

const isPriced = ({ fields }: Event) => 'price' in fields || 'discount_amount' in fields;

export function ExplainItem({ item, history }: { item: ItemWithData; history: ItemHistory }): ReactNode {
  const { explain: words } = useWords().detail;
  const [created, ...later] = history.events;
  const changed = later.at(-1);
  const priced = later.findLast(isPriced) ?? created;
  return (
    <Section title={words.title}>
      <dl className="facts">
        <EventFact name={words.created} event={created} none={words.before} />
        <EventFact name={words.changed} event={changed} none={words.never} />
        <EventFact name={words.priced} event={priced} none={words.before} />
        {priced?.run_id == null ? null : <Answer runId={priced.run_id} />}
      </dl>
      <h3>{words.price}</h3>
      <Prices item={item} />
      {priced?.run_id == null ? null : <Rule runId={priced.run_id} />}
    </Section>
  );
}

function EventFact({ name, event, none }: { name: string; event: Event | undefined; none: string }): ReactNode {
  const { explain: words } = useWords().detail;
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>
        {event === undefined ? (
          none
        ) : (
          <>
            {event.run_id === null ? (
              words.before
            ) : (
              <Link to="/runs/$runId" params={{ runId: event.run_id }}>
                {words.run(shortId(event.run_id))}
              </Link>
            )}
            {', '}
            <When at={event.at} inTable />
          </>
        )}
      </dd>
    </div>
  );
}

function Answer({ runId }: { runId: string }): ReactNode {
  const { explain: words } = useWords().detail;
  const pages = useAnswer<Page<RunPayload>>(`/runs/${runId}/payloads`).data?.data;
  if (pages === undefined) return null;
  const kept = pages.filter(({ bytes }) => bytes !== null);
  const [only] = pages;
  return (
    <div className="fact">
      <dt>{words.answer}</dt>
      <dd>
        {kept.length === 0 ? (
          words.noPage
        ) : (
          <>
            {pages.length === 1 ? words.onePage : words.pages(pages.length)}{' '}
            <Link to="/runs/$runId" params={{ runId }} search={{ tab: 'facts' } as never}>
              {pages.length === 1 ? size(only?.bytes ?? 0) : words.run(shortId(runId))}
            </Link>
          </>
        )}
      </dd>
    </div>
  );
}

function Prices({ item }: { item: ItemWithData }): ReactNode {
  const { explain: words } = useWords().detail;
  const named = namedPrices(item.data);
  const price = item.price ?? item.discount_amount;
  if (named.length === 0) return <p className="soft">{words.priceNone}</p>;
  return (
    <>
      <p>{words.priceIs(price === null ? '–' : money(price, item.currency))}</p>
      <dl className="facts prices-named">
        {named.map(({ path, value }) => (
          <div key={path} className="fact">
            <dt className="mono small">{path}</dt>
            <dd className="mono right">{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function Rule({ runId }: { runId: string }): ReactNode {
  const { explain: words } = useWords().detail;
  const settings = useRunSettings(runId).data?.settings;
  if (settings == null) return null;
  const shaping = settings.params.filter(({ name }) => shapesPrices(name));
  return (
    <>
      <h3>{words.rule}</h3>
      <p className="soft small">{words.ruleOf(settings.connector.id, settings.connector.version)}</p>
      {shaping.length === 0 ? (
        <p className="soft">{words.ruleNone}</p>
      ) : (
        <dl className="facts">
          {shaping.map(({ name, value, set_by }) => (
            <div key={name} className="fact">
              <dt className="mono small">{name}</dt>
              <dd className="mono right">
                {typeof value === 'string' ? value : JSON.stringify(value)}
                {set_by === null ? null : <span className="under">{set_by}</span>}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}
