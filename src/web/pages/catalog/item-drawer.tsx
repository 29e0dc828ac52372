// One item: its fields, its price over time, everything that runs did to it, and the item as the POS gave it.
import { Drawer } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ItemHistory, ItemWithData } from '../../api-types.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { DiffLines } from '../../parts/run/diff-lines.tsx';
import { shortId } from '../../parts/run/receipt.tsx';
import { When } from '../../parts/when.tsx';
import { useItem, useItemHistory } from '../../queries/items.ts';
import { money } from '../../words/quantities.ts';
import { useWords } from '../../words/words.ts';
import { PriceLine, pricesOf } from './price-line.tsx';

export function ItemDrawer({ address, onClose }: { address: string | undefined; onClose(): void }): ReactNode {
  const words = useWords();
  const isOpen = address !== undefined && address !== '';
  return (
    <Drawer
      opened={isOpen}
      onClose={onClose}
      position="right"
      size={560}
      title={words.catalog.name}
      closeButtonProps={{ 'aria-label': words.app.close }}
    >
      {isOpen ? <Content key={address} address={address} /> : null}
    </Drawer>
  );
}

function Content({ address }: { address: string }): ReactNode {
  const item = useItem(address);
  const history = useItemHistory(address);
  if (item.error !== null) return <Problem error={item.error} onRetry={item.refetch} />;
  if (item.data === undefined) return <Waiting rows={8} />;
  return (
    <div className="drawer">
      <Fields item={item.data} />
      {history.error === null ? null : <Problem error={history.error} onRetry={history.refetch} />}
      {history.data === undefined ? null : <History item={item.data} history={history.data} />}
      <Raw item={item.data} />
    </div>
  );
}

function Fields({ item }: { item: ItemWithData }): ReactNode {
  const words = useWords();
  const { catalog } = words;
  const rows: [string, ReactNode][] = [
    [catalog.kind, words.kind[item.kind]],
    [
      catalog.price,
      item.price === null ? (
        '–'
      ) : (
        <span key="price" className="mono">
          {money(item.price, item.currency)}
        </span>
      ),
    ],
    [catalog.available, item.is_available === null ? '–' : item.is_available ? catalog.yes : catalog.no],
    [catalog.id, <code key="id">{item.external_id}</code>],
    ...(item.path_id === null ? [] : [[catalog.path, <code key="path">{item.path_id}</code>] as [string, ReactNode]]),
    ...(item.modifier_group_name === null ? [] : [[catalog.category, item.modifier_group_name] as [string, ReactNode]]),
    [catalog.firstSeen, <When key="first" at={item.created_at} />],
    [catalog.changed, <When key="changed" at={item.updated_at} />],
    [catalog.seen, <When key="seen" at={item.last_synced_at} />],
  ];
  return (
    <>
      <h2 className="drawer-name">{item.name ?? words.app.noName}</h2>
      {item.removed_at === null ? null : (
        <p className="ink-red">
          {catalog.gone} <When at={item.removed_at} />
        </p>
      )}
      <dl className="facts">
        {rows.map(([name, value]) => (
          <div key={name} className="fact">
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {item.locations.length === 0 ? null : (
        <p className="soft small">
          {catalog.locations}:{' '}
          {item.locations.map(({ location_id, price }) => `${location_id} ${price ?? '–'}`).join(', ')}
        </p>
      )}
    </>
  );
}

function History({ item, history }: { item: ItemWithData; history: ItemHistory }): ReactNode {
  const words = useWords();
  const prices = pricesOf(history, item.price);
  const newestFirst = [...history.events].reverse();
  return (
    <>
      {prices.length > 1 ? <PriceLine prices={prices} currency={item.currency} /> : null}
      <h2>{words.catalog.history}</h2>
      <ol className="timeline">
        {newestFirst.map((event) => (
          <li key={`${event.at} ${event.run_id}`}>
            <span className={`timeline-what timeline-${event.operation}`}>{words.run.operation[event.operation]}</span>
            <span className="soft small">
              <When at={event.at} inTable />
              {event.run_id === null ? null : (
                <>
                  {' · '}
                  <Link to="/runs/$runId" params={{ runId: event.run_id }}>
                    {words.catalog.run} {shortId(event.run_id)}
                  </Link>
                </>
              )}
            </span>
            {event.operation === 'created' ? null : <DiffLines fields={event.fields} />}
          </li>
        ))}
      </ol>
    </>
  );
}

function Raw({ item }: { item: ItemWithData }): ReactNode {
  const words = useWords();
  const text = JSON.stringify(item.data, null, 2);
  return (
    <details className="raw">
      <summary>{words.catalog.raw}</summary>
      <CopyButton text={text} />
      <pre className="code">{text}</pre>
    </details>
  );
}
