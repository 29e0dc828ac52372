// Splitting sources and assigning archived items against a real database.
import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../test/support/database.ts';
import { loadConnectors } from '../connectors/load-connectors.ts';
import type { Database } from '../db/database.ts';
import { openLog } from '../log.ts';
import { getConfig } from '../records/configs/read-configs.ts';
import { listSources } from '../records/sources/read-sources.ts';
import { openVault } from '../vault/open-vault.ts';
import { assignItems } from './assign-items.ts';
import type { Deps } from './deps.ts';
import { addConfig } from './set-config.ts';
import { splitSource } from './split-source.ts';

const connectors = await loadConnectors();
const vault = openVault({ active: randomBytes(32).toString('base64') });
const unknown = '0199c0de-0000-7000-8000-0000000000ff';
let database: Database;
let deps: Pick<Deps, 'database' | 'connectors' | 'vault' | 'log'>;

const addQu = (name: string, establishment: string) =>
  addConfig(deps, {
    connectorId: 'qu',
    name,
    params: { brand: 'acme', establishment, base_url: 'https://pos.example' },
    secrets: {},
  });

const itemsOf = async (sourceId: string | null) => {
  const { rows } = await database.query<{ item: string }>(
    `select item from (
       select 'p:' || external_id as item, wand_source_id, source_id from integration_products union all
       select 'm:' || external_id || coalesce('/' || path_id, ''), wand_source_id, source_id from integration_modifiers
       union all select 'd:' || external_id, wand_source_id, source_id from integration_discounts) items
      where wand_source_id = $1 and source_id = $1 order by item collate "C"`,
    [sourceId],
  );
  return rows.map(({ item }) => item);
};

beforeEach(async () => {
  ({ database } = await freshDatabase());
  deps = { database, connectors, vault, log: openLog('silent') };
});

describe('splitting a source', () => {
  it('moves what one config wrote to its own source, lists conflicts, and touches nothing else of the rows', async () => {
    const first = await addQu('First', '17');
    const second = await addQu('Second', '18');
    const [from, to] = [first.source_id, second.source_id];
    // The state of two restaurants that were saved into one source; "taken" is in both.
    await database.query(
      `insert into integration_products (wand_source_id, source_config_id, external_id, updated_at, price)
       values ($1, $3, 'own', '2026-01-01', 1), ($1, $4, 'moves', '2026-01-01', 2), ($1, $4, 'taken', '2026-01-01', 3),
              ($2, $4, 'taken', '2026-01-01', 4)`,
      [from, to, first.id, second.id],
    );
    await database.query(
      `insert into integration_modifiers (wand_source_id, source_config_id, external_id, path_id)
       values ($1, $3, 'm', null), ($1, $3, 'm', 'x'), ($2, $3, 'm', null)`,
      [from, to, second.id],
    );
    await database.query(
      `insert into integration_discounts (wand_source_id, source_config_id, external_id) values ($1, $2, 'd')`,
      [from, second.id],
    );
    await database.query(`update integration_products set content_hash = '\\x01' where external_id = 'moves'`);
    const hashOf = async () => {
      const { rows } = await database.query<{ row: string }>(
        `select concat_ws(' ', updated_at, price, removed_at, content_hash) as row from integration_products
          where external_id = 'moves'`,
      );
      return rows[0]?.row;
    };
    const before = await hashOf();
    const result = await splitSource(deps, { sourceId: from ?? '', configId: second.id, requestedBy: 'cli:ada' });
    expect(result).toEqual({
      source_id: from,
      target_source_id: to,
      moved: { products: 1, modifiers: 1, discounts: 1 },
      site_locations: 0,
      conflicts: [
        { kind: 'products', external_id: 'taken', path_id: null },
        { kind: 'modifiers', external_id: 'm', path_id: null },
      ],
    });
    expect(await itemsOf(from)).toEqual(['m:m', 'p:own', 'p:taken']);
    expect(await itemsOf(to)).toEqual(['d:d', 'm:m', 'm:m/x', 'p:moves', 'p:taken']);
    expect(await hashOf()).toBe(before);
    const [one, two] = await listSources(database);
    expect([one?.items.products, two?.items.products]).toEqual([
      { live: 2, removed: 0 },
      { live: 2, removed: 0 },
    ]);
  });

  it('takes along which site a location is, where moved items state something for it, and leaves it to those that stay', async () => {
    const first = await addQu('First', '17');
    const second = await addQu('Second', '18');
    const [from, to] = [first.source_id, second.source_id];
    await database.query(`insert into stores (id, name) values (1, 'A'), (2, 'B'), (3, 'C')`);
    await database.query(
      `insert into integration_products (wand_source_id, source_config_id, external_id, price)
       values ($1, $2, 'stays', 1), ($1, $3, 'moves', 2)`,
      [from, first.id, second.id],
    );
    await database.query(
      `insert into integration_item_locations (wand_source_id, kind, external_id, location_id, site_id, price, present)
       values ($1, 'products', 'stays', 'both', 1, 10, true), ($1, 'products', 'moves', 'both', 1, 20, true),
              ($1, 'products', 'stays', 'here', 2, 10, true), ($1, 'products', 'moves', 'there', 3, 20, true)`,
      [from],
    );
    await database.query(
      `insert into integration_site_locations (wand_source_id, location_id, site_id)
       values ($1, 'both', 1), ($1, 'here', 2), ($1, 'there', 3)`,
      [from],
    );
    const of = { sourceId: from ?? '', configId: second.id, requestedBy: 'cli:ada' };
    expect(await splitSource(deps, of)).toMatchObject({ moved: { products: 1 }, conflicts: [], site_locations: 2 });
    const { rows } = await database.query<{ site: number; item: string; price: number; place: string }>(
      `select site_id::int as site, external_id as item, price::int as price,
              case wand_source_id when $1 then 'old' else 'new' end as place
         from integration_products_by_site where wand_source_id in ($1, $2) order by 1, 2`,
      [from, to],
    );
    expect(rows).toEqual([
      { site: 1, item: 'moves', price: 20, place: 'new' },
      { site: 1, item: 'stays', price: 10, place: 'old' },
      { site: 2, item: 'stays', price: 10, place: 'old' },
      { site: 3, item: 'moves', price: 20, place: 'new' },
    ]);
  });

  it('gives a config that was bound to a shared source its own, as freshly adopted as the shared one', async () => {
    const first = await addQu('First', '17');
    const second = await addQu('Second', '18');
    await database.query('update integration_source_configs set is_active = false, wand_source_id = $1 where id = $2', [
      first.source_id,
      second.id,
    ]);
    await database.query('delete from wand_integration_sources where id = $1', [second.source_id]);
    await database.query('insert into integration_sync_state (wand_source_id, adopted) values ($1, true)', [
      first.source_id,
    ]);
    const result = await splitSource(deps, {
      sourceId: first.source_id ?? '',
      configId: second.id,
      requestedBy: 'cli:ada',
    });
    expect(result.target_source_id).not.toBe(first.source_id);
    expect((await getConfig(database, second.id))?.source_id).toBe(result.target_source_id);
    const { rows } = await database.query('select adopted from integration_sync_state where wand_source_id = $1', [
      result.target_source_id,
    ]);
    expect(rows).toEqual([{ adopted: true }]);
  });

  it('is refused, with nothing moved, where it makes no sense or a sync is under way', async () => {
    const first = await addQu('First', '17');
    const second = await addQu('Second', '18');
    const defaults = await addConfig(deps, { connectorId: 'qu', name: 'Defaults', params: {}, secrets: {} });
    const split = (sourceId: string | null, configId: string) =>
      splitSource(deps, { sourceId: sourceId ?? '', configId, requestedBy: 'cli:ada' });
    await expect(split(unknown, second.id)).rejects.toMatchObject({ code: 'source_unknown' });
    await expect(split('no uuid', second.id)).rejects.toMatchObject({ code: 'source_unknown' });
    await expect(split(first.source_id, unknown)).rejects.toMatchObject({ code: 'config_unknown' });
    await expect(split(first.source_id, first.id)).rejects.toMatchObject({ code: 'split_same_source' });
    await expect(split(first.source_id, defaults.id)).rejects.toMatchObject({ code: 'config_identity_unknown' });
    await database.query(
      `insert into integration_products (wand_source_id, source_config_id, external_id) values ($1, $2, 'stays')`,
      [first.source_id, second.id],
    );
    await database.query(`insert into integration_sync_history (wand_source_id, status) values ($1, 'in_progress')`, [
      second.source_id,
    ]);
    await expect(split(first.source_id, second.id)).rejects.toMatchObject({ code: 'source_busy', retry: 'later' });
    expect(await itemsOf(first.source_id)).toEqual(['p:stays']);
  });
});

describe('assigning archived items', () => {
  const archive = async (kind: string, item: Record<string, unknown>, reason = 'unattributable') => {
    const { rows } = await database.query<{ id: string }>(
      `insert into integration_items_archive (kind, reason, external_id, path_id, item)
       values ($1, $2, $3, $4, $5) returning id`,
      [kind, reason, item.external_id ?? null, item.path_id ?? null, JSON.stringify(item)],
    );
    return rows[0]!.id;
  };

  it('brings them back as they were; of two with one key the newer; keys that exist stay archived', async () => {
    const { source_id } = await addQu('First', '17');
    const sourceId = source_id ?? '';
    const times = { created_at: '2025-01-01T00:00:00+00', updated_at: '2025-02-01T00:00:00+00' };
    const full = { ...times, name: 'Café', price: 3.1, is_available: true, data: { id: 1 }, unknown_column: 1 };
    await archive('products', { external_id: 'back', path_id: 'p', ...full });
    const older = await archive('products', {
      external_id: 'two',
      name: 'old',
      last_synced_at: '2025-01-01T00:00:00Z',
    });
    await archive('products', { external_id: 'two', name: 'new', last_synced_at: '2025-01-02T00:00:00Z' });
    const taken = await archive('products', { external_id: 'taken' });
    const nameless = await archive('products', { external_id: null, name: 'no id' });
    await archive('modifiers', { external_id: 'm', path_id: null });
    await archive('modifiers', { external_id: 'm', path_id: 'x' });
    await archive('discounts', { external_id: 'd', discount_percent: 10 });
    await archive('products', { external_id: 'loser' }, 'duplicate');
    await database.query(`insert into integration_products (wand_source_id, external_id) values ($1, 'taken')`, [
      sourceId,
    ]);

    const assign = () => assignItems(deps, { sourceId, select: { reason: 'unattributable' }, requestedBy: 'cli:ada' });
    const result = await assign();
    expect(result.restored).toEqual({ products: 2, modifiers: 2, discounts: 1 });
    const key = { kind: 'products', path_id: null };
    expect(result.refused.toSorted((a, b) => String(a.external_id).localeCompare(String(b.external_id)))).toEqual([
      { archive_id: nameless, ...key, external_id: null, reason: 'no_external_id' },
      { archive_id: taken, ...key, external_id: 'taken', reason: 'key_exists' },
      { archive_id: older, ...key, external_id: 'two', reason: 'key_exists' },
    ]);
    expect(await itemsOf(sourceId)).toEqual(['d:d', 'm:m', 'm:m/x', 'p:back', 'p:taken', 'p:two']);
    const { rows } = await database.query(
      `select external_id, path_id, name, price, is_available, data, content_hash, created_at::text, updated_at::text
         from integration_products where external_id in ('back', 'two') order by 1`,
    );
    expect(rows).toMatchObject([
      { path_id: 'p', name: 'Café', price: '3.1', is_available: true, data: { id: 1 }, content_hash: null },
      { name: 'new' },
    ]);
    expect(rows[0]).toMatchObject({ updated_at: expect.stringContaining('2025-02-01') });

    expect((await assign()).restored).toEqual({ products: 0, modifiers: 0, discounts: 0 });
  });

  it('takes single rows by id, and refuses the whole when one is unknown or back already', async () => {
    const { source_id } = await addQu('First', '17');
    const [one, two] = [
      await archive('products', { external_id: '1' }),
      await archive('products', { external_id: '2' }),
    ];
    const assign = (ids: string[], sourceId = source_id ?? '') =>
      assignItems(deps, { sourceId, select: { ids }, requestedBy: 'cli:ada' });
    await expect(assign([one, unknown])).rejects.toMatchObject({
      code: 'archive_ids_unknown',
      message: expect.stringContaining(unknown),
    });
    await expect(assign(['no uuid'])).rejects.toMatchObject({ code: 'archive_ids_unknown' });
    await expect(assign([one], unknown)).rejects.toMatchObject({ code: 'source_unknown' });
    expect(await itemsOf(source_id)).toEqual([]);
    expect((await assign([two.toUpperCase()])).restored.products).toBe(1);
    await expect(assign([two])).rejects.toMatchObject({ code: 'archive_ids_unknown' });
    expect(await itemsOf(source_id)).toEqual(['p:2']);
  });
});
