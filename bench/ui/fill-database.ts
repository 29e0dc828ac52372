// The database of a large fleet, made by PostgreSQL itself in minutes: a year of runs, a catalog, and an audit log.
import { createHash } from 'node:crypto';
import type { Database } from '../../src/db/database.ts';

/** How much of everything. */
export interface FleetSize {
  runs: number;
  items: number;
  auditEntries: number;
  sites: number;
  /** Items of the one source that is large. */
  largest: number;
}

/** A million of each; every site has a source with some 800 items, and one source has 200,000. */
export const wholeFleet: FleetSize = {
  runs: 1_000_000,
  items: 1_000_000,
  auditEntries: 1_000_000,
  sites: 1000,
  largest: 200_000,
};

/** The same shape in a minute. */
export const quickFleet: FleetSize = {
  runs: 60_000,
  items: 60_000,
  auditEntries: 60_000,
  sites: 100,
  largest: 12_000,
};

/** Of so many runs one has changes, rejects and a log; a prime, so that every site has such runs. */
export const runsBetweenRows = 19;

/** Fills an empty, migrated database through the superuser's connection; ids are the same each time. */
export async function fillDatabase(admin: Database, size: FleetSize, log: (line: string) => void): Promise<void> {
  // Made at the end, an index costs a third.
  const { rows: indexes } = await admin.query<{ name: string; definition: string }>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index
      where not indisunique and indrelid::regclass::text = any($1)`,
    [['sync_history', 'audit_log', 'products', 'modifiers', 'item_changes'].map((name) => `integration_${name}`)],
  );
  const steps = {
    'no indexes': indexes.map(({ name }) => `drop index ${name}`),
    ...stepsOf(size),
    indexes: indexes.map(({ definition }) => definition),
    'statistics (vacuum, analyze)': ['vacuum (analyze)'],
  };
  for (const [what, statements] of Object.entries(steps)) {
    const begun = performance.now();
    await admin.withConnection(async (connection) => {
      // Bulk rows pass no trigger: nobody else looks on yet.
      await connection.query(`set session_replication_role = replica`);
      await connection.query(`set synchronous_commit = off`);
      for (const statement of statements) await connection.query(statement);
      await connection.query('reset all');
    });
    log(`filled: ${what}, ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  }
}

/** Ids as SQL: those of runs rise with time, as ours do, those of sources and configs are anywhere. */
const idOf = (what: 'source' | 'config' | 'run', n: string) =>
  what === 'run'
    ? `('01980000-0000-7000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`
    : `md5('${what}' || (${n})::text)::uuid`;

/** The same ids in a program. */
export const fleetIds = {
  source: (n: number) => md5Id(`source${n}`),
  config: (n: number) => md5Id(`config${n}`),
  run: (n: number) => `01980000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`,
};

function md5Id(text: string): string {
  const hex = createHash('md5').update(text).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function stepsOf(size: FleetSize): Record<string, readonly string[]> {
  return {
    hierarchy: hierarchy(size),
    items: items(size),
    runs: runs(size),
    'changes, rejects and logs': runRows(size),
    'audit log': [audit(size)],
  };
}

// Ten sites to a company, ten companies to a concept; a source per site, the first of which is the large one.
function hierarchy({ sites }: FleetSize): string[] {
  const companies = Math.ceil(sites / 10);
  const concepts = Math.ceil(companies / 10);
  return [
    `insert into concepts (id, name) select n, 'Concept ' || n from generate_series(1, ${concepts}) n`,
    `insert into companies (id, concept_id, name) select n, (n - 1) / 10 + 1, 'Company ' || n from generate_series(1, ${companies}) n`,
    `insert into stores (id, company_id, name) select n, (n - 1) / 10 + 1, 'Site ' || n from generate_series(1, ${sites}) n`,
    `insert into wand_integration_sources (id, name, integration_type, origin, identity, identity_key, created_at, updated_at)
     select ${idOf('source', 'n')}, 'Till ' || n, 'qu', 'https://pos.example', jsonb_build_object('n', n), 'fleet ' || n,
            now() - interval '400 days', now() from generate_series(1, ${sites}) n`,
    `insert into integration_source_configs
       (id, config_name, connector_id, application_level, site_id, config_params, wand_source_id, sync_frequency_minutes,
        next_due_at, last_sync_at, last_sync_status, sync_count, created_at, updated_at)
     select ${idOf('config', 'n')}, 'Till ' || n, 'qu', 'site', n, jsonb_build_object('establishment', n::text), ${idOf('source', 'n')}, 525600,
            now() + interval '30 days', now() - interval '1 hour', case when n % 40 = 0 then 'failed' else 'success' end, 1000,
            now() - interval '400 days' + n * interval '1 second', now() from generate_series(1, ${sites}) n`,
    `insert into integration_sync_state (wand_source_id, generation, last_synced_at, last_complete_at, last_run_id, all_seen_at, item_rows)
     select ${idOf('source', 'n')}, 1000, now() - interval '1 hour', now() - interval '1 hour', ${idOf('run', 'n')},
            now() - interval '1 hour', 1 from generate_series(1, ${sites}) n`,
  ];
}

const dishes = [
  'Espresso',
  'Cappuccino',
  'Latte Macchiato',
  'Iced Tea',
  'Lemonade',
  'Margherita',
  'Quattro Formaggi',
  'Crème Brûlée',
  'Smørrebrød',
  'Gyoza',
  'Ramen',
  'Burrito',
  'Falafel Wrap',
  'Chicken Wings',
  'Side Salad',
  'French Fries',
];
const kindsOf = ['Small', 'Medium', 'Large', 'Vegan', 'Spicy', 'Classic', 'Double', 'Seasonal'];

const textArray = (texts: readonly string[]) => `array['${texts.join(`','`)}']`;

// Many dishes share their names; the number at the end makes each rare at will.
const nameOf = `(${textArray(kindsOf)})[1 + h % ${kindsOf.length}] || ' ' || (${textArray(dishes)})[1 + (h / 8) % ${dishes.length}] || ' ' || (h % 4999)`;

function items({ items: count, sites, largest }: FleetSize): string[] {
  const perSite = Math.floor((count - largest) / (sites - 1));
  const share = { products: 0.38, modifiers: 0.59, discounts: 0.03 };
  return Object.entries(share).map(([kind, part]) => {
    const of = `select s, n, ('x' || substr(md5(s || '-' || n), 1, 7))::bit(28)::int as h
                  from generate_series(1, ${sites}) s,
                       generate_series(1, case when s = 1 then ${Math.round(largest * part)} else ${Math.round(perSite * part)} end) n`;
    const own = {
      products: ['item_type, price, currency', `'food', (h % 4000) / 100.0, 'USD'`],
      modifiers: [
        'path_id, modifier_group_name, price, currency',
        `'group-' || h % 40, 'Extras', (h % 400) / 100.0, 'USD'`,
      ],
      discounts: ['discount_percent', '5 + h % 40'],
    }[kind] as [string, string];
    return `insert into integration_${kind}
        (source_id, wand_source_id, source_config_id, external_id, name, is_available, data, content_hash, site_id, last_synced_at,
         created_at, updated_at, removed_at, created_run_id, last_run_id, ${own[0]})
      select ${idOf('source', 's')}, ${idOf('source', 's')}, ${idOf('config', 's')}, '${kind[0]}-' || n, ${nameOf}, true,
             jsonb_build_object('id', n, 'name', ${nameOf}, 'note', repeat(md5(h::text), 12)),
             decode(repeat(md5(h::text), 2), 'hex'), s, now(), now() - interval '300 days', now() - (h % 300) * interval '1 day',
             case when h % 25 = 0 then now() - interval '20 days' end, ${idOf('run', 'h % 1000')}, ${idOf('run', 'h % 1000')}, ${own[1]}
        from (${of}) item order by 2, 4`;
  });
}

// One run every half minute of the year, sources in turns, with the statuses and triggers of a fleet that is mostly well.
function runs({ runs: count, sites }: FleetSize): string[] {
  const zeros = `'removed', 0, 'restored', 0, 'rejected', 0, 'duplicates', 0, 'filtered', 0`;
  const counts = (received: string) =>
    `jsonb_build_object('received', ${received}, 'created', 0, 'updated', k, 'unchanged', ${received} - k, ${zeros})`;
  const seven = `(select array_agg(jsonb_build_object('products', ${counts('306')}, 'modifiers', ${counts('490')}, 'discounts', ${counts('10')}) order by k)
      from generate_series(0, 6) k)`;
  return [
    `insert into integration_sync_history
       (id, wand_source_id, source_name, source_config_id, site_id, status, trigger, requested_by, created_at, started_at,
        completed_at, items_synced, counts, complete, reads, error, hold, hold_open, enqueued)
     select ${idOf('run', 'n')}, ${idOf('source', 's')}, 'Till ' || s, ${idOf('config', 's')}, s, status, trigger, 'schedule', at, at + interval '1 second',
            at + interval '4 seconds', 806,
            (${seven})[1 + h % 7], true, 'all',
            case when status = 'failed' then '{"code":"upstream_unavailable","step":"fetch","message":"The POS answered 503.","effect":"Your catalog was not changed.","hint":"Try again.","doc":"docs","retry":"later"}'::jsonb end,
            case when status = 'held' then '{"rules":[{"rule":"removals","kind":"products","message":"40 of 306 products would go."}],"resolution":"discarded"}'::jsonb end,
            false, true
       from (select n, h, 1 + (n * 7919::bigint) % ${sites} as s, now() - (${count} - n) * (interval '365 days' / ${count}) as at,
                    case when h % 1000 < 930 then 'success' when h % 1000 < 960 then 'partial' when h % 1000 < 985 then 'failed'
                         when h % 1000 < 988 then 'held' when h % 1000 < 991 then 'planned' when h % 1000 < 996 then 'interrupted'
                         else 'cancelled' end as status,
                    case when h % 100 < 85 then 'schedule' when h % 100 < 93 then 'webhook' when h % 100 < 97 then 'manual'
                         when h % 100 < 98 then 'api' when h % 100 < 99 then 'retry' else 'cli' end as trigger
               from (select n, ('x' || substr(md5(n::text), 1, 7))::bit(28)::int as h from generate_series(1, ${count}) n) run) run
      order by n`,
    `update integration_sync_history h set hold_open = true, hold = hold - 'resolution'
       from (select distinct on (wand_source_id) id from integration_sync_history where status = 'held'
              order by wand_source_id, created_at desc limit 40) latest where latest.id = h.id`,
  ];
}

function runRows({ runs: count, sites }: FleetSize): string[] {
  const source = idOf('source', `1 + (n * 7919::bigint) % ${sites}`);
  const every = runsBetweenRows;
  return [
    `insert into integration_item_changes (wand_source_id, run_id, kind, external_id, operation, name, fields, created_at)
     select ${source}, ${idOf('run', 'n')}, 'products', 'p-' || k, (array['updated','updated','removed','restored'])[1 + k % 4], 'Espresso ' || k,
            jsonb_build_object('price', jsonb_build_array('2.50', (250 + k)::text)), now() - (${count} - n) * (interval '365 days' / ${count})
       from generate_series(${every}, ${count}, ${every}) n, generate_series(1, 6) k`,
    `insert into integration_rejected_items (wand_source_id, run_id, seq, kind, external_id, reason, message, raw, created_at)
     select ${source}, ${idOf('run', 'n')}, k, 'products', 'p-' || k, (array['price_invalid','name_missing','id_missing'])[1 + k % 3],
            'The price is no number.', '{"price": "a lot"}', now() - (${count} - n) * (interval '365 days' / ${count})
       from generate_series(${every}, ${count}, ${every}) n, generate_series(1, 4) k`,
    `insert into integration_sync_log (wand_source_id, run_id, seq, at, level, phase, event, message, facts)
     select ${source}, ${idOf('run', 'n')}, k, now(), 'info', 'fetch', 'page', 'A page was read.', '{"ms": 12}'
       from generate_series(${every}, ${count}, ${every}) n, generate_series(1, 4) k`,
    // One item whose price has moved for a year.
    `insert into integration_item_changes (wand_source_id, run_id, kind, external_id, operation, name, fields, created_at)
     select ${idOf('source', '1')}, ${idOf('run', `n * ${sites}`)}, 'products', 'p-7', 'updated', 'Espresso', '{"price": ["2.50", "2.60"]}',
            now() - (${count} - n * ${sites}) * (interval '365 days' / ${count})
       from generate_series(1, ${Math.floor(count / sites)}) n on conflict do nothing`,
  ];
}

const actions = ['run.started', 'config.changed', 'hold.approved', 'key.created', 'user.signed_in'];

function audit({ auditEntries: count, sites }: FleetSize): string {
  return `insert into integration_audit_log (at, actor, action, subject_type, subject_id, subject_name, wand_source_id, site_id, company_id, concept_id, address, request_id, after)
    select now() - (${count} - n) * (interval '365 days' / ${count}), 'user:person' || n % 200 || '@example.com',
           (${textArray(actions)})[1 + n % ${actions.length}], 'config', ${idOf('config', 's')}::text, 'Till ' || s, ${idOf('source', 's')}, s,
           (s - 1) / 10 + 1, (s - 1) / 100 + 1, '192.0.2.7', 'request-' || n, '{"name": "Till"}'
      from (select n, 1 + (n * 7919::bigint) % ${sites} as s from generate_series(1, ${count}) n) entry order by n`;
}
