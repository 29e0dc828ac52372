// One item: its fields, its price over time, everything that runs did to it, and the item as the POS gave it.
import { Drawer } from '@mantine/core';
import type { ReactNode } from 'react';
import type { ItemWithData } from '../../api-types.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Section, Waiting } from '../../parts/page-parts.tsx';
import { Problem } from '../../parts/problem.tsx';
import { When } from '../../parts/when.tsx';
import { addressOfItem, useItem, useItemHistory, useModifiers } from '../../queries/items.ts';
import { money } from '../../words/quantities.ts';
import { useWords } from '../../words/words.ts';
import { Below } from './catalog-tree.tsx';
import { ExplainItem } from './explain-item.tsx';
import { ItemEvents } from './item-events.tsx';

interface DrawerProps {
  address: string | undefined;
  onClose(): void;
  /** Shows another item instead. */
  onOpen(address: string): void;
}

export function ItemDrawer({ address, onClose, onOpen }: DrawerProps): ReactNode {
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
      {isOpen ? <Content key={address} address={address} onOpen={onOpen} /> : null}
    </Drawer>
  );
}

function Content({ address, onOpen }: { address: string; onOpen(address: string): void }): ReactNode {
  const item = useItem(address);
  const history = useItemHistory(address);
  if (item.error !== null) return <Problem error={item.error} onRetry={item.refetch} />;
  if (item.data === undefined) return <Waiting rows={8} />;
  return (
    <div className="drawer">
      <Fields item={item.data} />
      <Modifiers item={item.data} onOpen={onOpen} />
      {history.data === undefined ? null : <ExplainItem item={item.data} history={history.data} />}
      {history.error === null ? null : <Problem error={history.error} onRetry={history.refetch} />}
      {history.data === undefined ? null : <ItemEvents item={item.data} history={history.data} />}
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
      {item.locations.length === 0 ? null : <Locations item={item} />}
    </>
  );
}

function Locations({ item }: { item: ItemWithData }): ReactNode {
  const { catalog, detail } = useWords();
  const { explain: words } = detail;
  return (
    <table className="rows">
      <caption className="table-title">{words.locations}</caption>
      <thead>
        <tr>
          <th scope="col">{words.location}</th>
          <th scope="col" className="right">
            {catalog.price}
          </th>
          <th scope="col">{catalog.available}</th>
        </tr>
      </thead>
      <tbody>
        {item.locations.map(({ location_id, price, currency, is_available, present }) => (
          <tr key={location_id}>
            <td className="mono" data-label={words.location}>
              {location_id}
            </td>
            <td className="right mono" data-label={catalog.price}>
              {price === null ? words.ownPrice : money(price, currency)}
            </td>
            <td data-label={catalog.available}>
              {present ? (is_available === null ? '–' : is_available ? catalog.yes : catalog.no) : words.absent}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Modifiers({ item, onOpen }: { item: ItemWithData; onOpen(address: string): void }): ReactNode {
  const { catalog: words } = useWords().detail;
  const relation = useModifiers(item.source_id, { limit: 1 }, item.kind === 'modifiers');
  if (item.kind === 'products') {
    return (
      <Section title={words.modifiers}>
        <Below item={item} onOpen={onOpen} />
      </Section>
    );
  }
  const product = item.path_id?.split('/')[0]?.replaceAll('%2F', '/').replaceAll('%25', '%');
  if (relation.data?.relation !== 'path' || product === undefined || !item.path_id?.includes('/')) return null;
  const address = addressOfItem({ source_id: item.source_id, kind: 'products', external_id: product, path_id: null });
  return (
    <p>
      {words.hangsUnder}{' '}
      <button type="button" className="text-button" onClick={() => onOpen(address)}>
        {product}
      </button>
    </p>
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
