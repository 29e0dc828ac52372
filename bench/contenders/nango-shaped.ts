// A hash-and-skip store in the shape of Nango's records, in our own words: only changed payloads are sent.
import { hash, randomUUID } from 'node:crypto';
import pg from 'pg';
import { type Item, type Kind, kinds } from '../../src/catalog/item.ts';
import { byKind, type Contender, scenarios } from '../contender.ts';

const batchSize = 1000;

const setup = `
  create table bench_records (
    id uuid primary key default gen_random_uuid(),
    connection_id uuid not null, model text not null, external_id text not null,
    data_hash text not null, generation bigint not null,
    created_at timestamptz not null default now(), updated_at timestamptz not null default now(), deleted_at timestamptz,
    unique (connection_id, model, external_id));
  create table bench_record_payloads (id uuid primary key, json jsonb not null);
  create table bench_seen (connection_id uuid not null, model text not null, generation bigint not null, ids uuid[] not null);
  create index on bench_seen (connection_id, model, generation)`;

const select = `
  select r.model as kind, p.json ->> 'externalId' as external_id, p.json ->> 'pathId' as path_id, p.json ->> 'name' as name,
         p.json ->> 'itemType' as item_type, p.json ->> 'modifierGroupId' as modifier_group_id,
         p.json ->> 'modifierGroupName' as modifier_group_name, (p.json ->> 'discountAmount')::numeric as discount_amount,
         (p.json ->> 'discountPercent')::numeric as discount_percent, (p.json ->> 'price')::numeric as price,
         p.json ->> 'currency' as currency, (p.json ->> 'isAvailable')::boolean as is_available, p.json -> 'data' as data
    from bench_records r join bench_record_payloads p on p.id = r.id
   where r.connection_id = $1 and r.deleted_at is null`;

export const nangoShaped: Contender = {
  id: 'nango_shaped',
  label: 'Nango-shaped: hash and skip',
  role: 'peer',
  scenarios,
  removes: true,
  rows: { tables: ['bench_records', 'bench_record_payloads', 'bench_seen'], select },
  setup,
  async open(url) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    let generation = 0;
    return {
      begin: () => Promise.resolve(randomUUID()),
      save: async ({ items, sourceId }) => {
        generation += 1;
        const sorted = byKind(items);
        for (const model of kinds) {
          const of = { connectionId: sourceId, model, generation };
          for (let start = 0; start < sorted[model].length; start += batchSize) {
            await inTransaction(client, () => saveBatch(client, of, sorted[model].slice(start, start + batchSize)));
          }
          await inTransaction(client, () => deleteUnseen(client, of));
        }
      },
      close: () => client.end(),
    };
  },
};

interface Batch {
  connectionId: string;
  model: Kind;
  generation: number;
}

async function inTransaction(client: pg.Client, work: () => Promise<void>): Promise<void> {
  await client.query('begin');
  await work();
  await client.query('commit');
}

function lock(client: pg.Client, { connectionId, model }: Batch) {
  return client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`${connectionId}/${model}`]);
}

async function saveBatch(client: pg.Client, of: Batch, items: readonly Item[]): Promise<void> {
  const records = items.map((item) => {
    const json = JSON.stringify(item);
    const externalId = item.pathId === null ? item.externalId : `${item.externalId}/${item.pathId}`;
    return { externalId, json, hash: hash('md5', json, 'hex') };
  });
  await lock(client, of);
  const known = await client.query<{ id: string; external_id: string; data_hash: string; live: boolean }>({
    name: 'known',
    text: `select id, external_id, data_hash, deleted_at is null as live from bench_records
            where connection_id = $1 and model = $2 and external_id = any($3::text[])`,
    values: [of.connectionId, of.model, records.map(({ externalId }) => externalId)],
  });
  const stored = new Map(known.rows.map((row) => [row.external_id, row]));
  const seen: string[] = [];
  const changed = records.filter((record) => {
    const row = stored.get(record.externalId);
    if (row?.data_hash !== record.hash || !row.live) return true;
    seen.push(row.id);
    return false;
  });
  if (changed.length > 0) seen.push(...(await writeChanged(client, of, changed)));
  await client.query({
    name: 'seen',
    text: 'insert into bench_seen (connection_id, model, generation, ids) values ($1, $2, $3, $4::uuid[])',
    values: [of.connectionId, of.model, of.generation, seen],
  });
}

async function writeChanged(
  client: pg.Client,
  of: Batch,
  changed: readonly { externalId: string; json: string; hash: string }[],
): Promise<string[]> {
  const { rows } = await client.query<{ id: string; external_id: string }>({
    name: 'records',
    text: `insert into bench_records (connection_id, model, generation, external_id, data_hash)
           select $1, $2, $3, r.external_id, r.data_hash from unnest($4::text[], $5::text[]) r(external_id, data_hash)
           on conflict (connection_id, model, external_id) do update
              set data_hash = excluded.data_hash, generation = excluded.generation, updated_at = now(), deleted_at = null
           returning id, external_id`,
    values: [
      of.connectionId,
      of.model,
      of.generation,
      changed.map(({ externalId }) => externalId),
      changed.map((record) => record.hash),
    ],
  });
  const jsonOf = new Map(changed.map(({ externalId, json }) => [externalId, json]));
  const ids = rows.map(({ id }) => id);
  await client.query({
    name: 'payloads',
    text: `insert into bench_record_payloads (id, json) select p.id, p.json::jsonb from unnest($1::uuid[], $2::text[]) p(id, json)
           on conflict (id) do update set json = excluded.json`,
    values: [ids, rows.map((row) => jsonOf.get(row.external_id))],
  });
  return ids;
}

/** Deletion by generation: what no batch of this generation has seen is marked. */
async function deleteUnseen(client: pg.Client, of: Batch): Promise<void> {
  await lock(client, of);
  await client.query({
    name: 'unseen',
    // NOT IN is one hash table whatever the planner believes; NOT EXISTS became a nested loop in tables just filled.
    text: `update bench_records r set deleted_at = now(), updated_at = now()
            where r.connection_id = $1 and r.model = $2 and r.deleted_at is null
              and r.id not in (select unnest(s.ids) from bench_seen s
                    where s.connection_id = $1 and s.model = $2 and s.generation = $3)`,
    values: [of.connectionId, of.model, of.generation],
  });
}
