// tillsync items: products, modifiers and discounts as they are stored, and the life of one of them.
import type { Command } from 'commander';
import { type Kind, kinds } from '../../../catalog/item.ts';
import type { ItemEvent } from '../../../records/items/read-item-history.ts';
import type { ItemName } from '../../../records/items/read-items.ts';
import type { ShownLocation } from '../../../records/items/stored-item.ts';
import type { Backend } from '../../backend/backend.ts';
import { withBackend } from '../../backend/with-backend.ts';
import { wholeNumber } from '../../parse-options.ts';
import { changeText } from '../../print/diff-text.ts';
import { time } from '../../print/quantities.ts';
import { fields, table } from '../../print/table.ts';
import { writeJson, writeOut, writeTalk } from '../../print/write.ts';
import { examples, optionsOf, type Verb } from '../../verb.ts';
import { defineLint } from './items-lint.ts';
import { sourceOfOptions } from './source-option.ts';

interface ItemOptions {
  source?: string;
  config?: string;
  kind?: Kind;
  path?: string;
}

interface ListOptions extends ItemOptions {
  externalId?: string;
  removed?: boolean;
  all?: boolean;
  limit?: number;
  cursor?: string;
}

export const itemsVerb: Verb = {
  define(command) {
    command.addHelpText(
      'after',
      examples('tillsync items list --kind products', 'tillsync items show 1042 --kind products'),
    );
    whichItems(command.command('list').description('Live items, in the order of kind and id'))
      .option('--external-id <id>', 'only items with this id of the POS')
      .option('--removed', 'only items that left the POS')
      .option('--all', 'live and removed ones')
      .option('--limit <number>', 'rows to show (default: 100)', wholeNumber(1, 1000))
      .option('--cursor <cursor>', 'go on where a list ended')
      .addHelpText(
        'after',
        examples('tillsync items list --kind modifiers --limit 20', 'tillsync items list --removed'),
      )
      .action((_options: ListOptions, self: Command) => withBackend(self, (of) => list(of, self)));
    whichItems(command.command('show <external-id>').description('One item with the data of the POS'))
      .option('--path <path id>', 'where it hangs, for modifiers under several parents')
      .addHelpText('after', examples('tillsync items show 1042 --kind products'))
      .action((id: string, _options: ItemOptions, self: Command) => withBackend(self, (of) => show(of, id, self)));
    whichItems(command.command('history <external-id>').description('What every run did to one item'))
      .option('--path <path id>', 'where it hangs, for modifiers under several parents')
      .addHelpText('after', examples('tillsync items history 1042 --kind products --json'))
      .action((id: string, _options: ItemOptions, self: Command) => withBackend(self, (of) => history(of, id, self)));
    defineLint(command);
  },
};

function whichItems(command: Command): Command {
  return command
    .option('--source <id>', 'only this source')
    .option('--config <config>', "only this config's source (id or exact name)")
    .addOption(command.createOption('--kind <kind>', 'only this kind').choices(kinds));
}

async function list(backend: Backend, self: Command): Promise<number> {
  const options = optionsOf<ListOptions>(self);
  const page = await backend.listItems({
    sourceId: await sourceOfOptions(backend, options),
    kind: options.kind,
    externalId: options.externalId,
    removed: options.all ? undefined : options.removed === true,
    limit: options.limit,
    cursor: options.cursor,
  });
  if (options.json) {
    writeJson(page);
    return 0;
  }
  writeOut(
    table(
      [
        { title: 'KIND' },
        { title: 'ID' },
        { title: 'PATH' },
        { title: 'NAME' },
        { title: 'PRICE', align: 'right' },
        { title: 'AVAILABLE' },
        { title: 'CHANGED' },
      ],
      page.data.map((item) => [
        item.kind,
        item.external_id,
        item.path_id ?? '–',
        item.name ?? '–',
        priceOf(item),
        item.removed_at !== null ? 'removed' : item.is_available === null ? '–' : item.is_available ? 'yes' : 'no',
        time(item.updated_at),
      ]),
      'No such items.',
    ),
  );
  if (page.next !== null) writeTalk(`More: --cursor ${page.next}\n`);
  return 0;
}

function priceOf(item: {
  price: string | null;
  discount_amount: string | null;
  discount_percent: string | null;
  currency: string | null;
}): string {
  if (item.discount_percent !== null) return `${item.discount_percent} %`;
  const amount = item.price ?? item.discount_amount;
  if (amount === null) return '–';
  return item.currency === null ? amount : `${amount} ${item.currency}`;
}

async function nameOf(backend: Backend, externalId: string, options: ItemOptions): Promise<ItemName> {
  return { externalId, sourceId: await sourceOfOptions(backend, options), kind: options.kind, pathId: options.path };
}

async function show(backend: Backend, externalId: string, self: Command): Promise<number> {
  const options = optionsOf<ItemOptions>(self);
  const item = await backend.showItem(await nameOf(backend, externalId, options));
  if (options.json) {
    writeJson(item);
    return 0;
  }
  const { data, locations, ...columns } = item;
  writeOut(fields(Object.entries(columns).map(([name, value]) => [name, value === null ? null : String(value)])));
  if (locations.length > 0) writeOut(`by location\n${locationTable(locations)}`);
  writeOut(`data\n${JSON.stringify(data, null, 2)}\n`);
  return 0;
}

function locationTable(locations: readonly ShownLocation[]): string {
  const titles = ['LOCATION', 'SITE', 'PRICE', 'AVAILABLE', 'THERE'].map((title) => ({ title }));
  const yes = (value: boolean | null) => (value === null ? '–' : value ? 'yes' : 'no');
  const rows = locations.map((at) => {
    const price = at.price === null ? '–' : at.currency === null ? at.price : `${at.price} ${at.currency}`;
    return [
      at.location_id,
      at.site_id === null ? '–' : String(at.site_id),
      price,
      yes(at.is_available),
      yes(at.present),
    ];
  });
  return table(titles, rows);
}

async function history(backend: Backend, externalId: string, self: Command): Promise<number> {
  const options = optionsOf<ItemOptions>(self);
  const data = await backend.itemHistory(await nameOf(backend, externalId, options));
  if (options.json) {
    writeJson({ data, next: null });
    return 0;
  }
  for (const item of data) {
    writeTalk(`${item.kind} ${item.external_id} of source ${item.source_id}\n`);
    for (const event of item.events) writeOut(`${time(event.at)}  ${event.run_id ?? '–'}\n${eventText(item, event)}`);
  }
  return 0;
}

function eventText(
  item: { kind: Kind; external_id: string; path_id: string | null; name: string | null },
  event: ItemEvent,
): string {
  const { kind, external_id, path_id, name } = item;
  return changeText({ kind, external_id, path_id, name, operation: event.operation, fields: event.fields });
}
