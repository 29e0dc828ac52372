// What another program does to a source with plain SQL between two runs, done to the model alike.
import type { Kind } from '../../src/catalog/item.ts';
import type { Queryable } from '../../src/db/database.ts';
import { type Columns, type ModelRow, type ModelRows, modelKey } from './model.ts';

export interface ForeignWrite {
  act: 'upsert' | 'change' | 'delete' | 'insert';
  kind: Kind;
  /** Which of the rows; wraps around. */
  at: number;
  name: string;
}

const empty: Readonly<Record<Kind, Columns>> = {
  products: { path_id: null, item_type: null },
  modifiers: { modifier_group_id: null, modifier_group_name: null },
  discounts: { discount_amount: null, discount_percent: null },
};

/** Writes it; nothing where there is no such row. Like every old writer it knows of no removals. */
export async function writeFromOutside(
  queryable: Queryable,
  of: { sourceId: string; model: ModelRows },
  write: ForeignWrite,
): Promise<void> {
  const { act, kind, name } = write;
  const table = `integration_${kind}`;
  if (act === 'insert') return await insertRow(queryable, of, write);
  // A modifier without a path that loses its fingerprint looks as if it was adopted: the one path that comes is then its.
  const rows = [...of.model[kind]].filter(([, row]) => kind !== 'modifiers' || row.pathId !== null);
  const [key, row] = rows[write.at % Math.max(rows.length, 1)] ?? [];
  if (key === undefined || row === undefined) return;
  const isSame = `source_id = $1 and external_id = $2 and ${kind === 'modifiers' ? 'path_id = $3' : '$3::text is null'}`;
  const named = [of.sourceId, row.externalId, kind === 'modifiers' ? row.pathId : null];
  if (act === 'delete') {
    await queryable.query(`delete from ${table} where ${isSame}`, named);
    of.model[kind].delete(key);
    return;
  }
  if (act === 'upsert' && kind === 'products') {
    await queryable.query(
      `insert into ${table} (source_id, external_id, name) values ($1, $2, $3)
       on conflict (source_id, external_id) do update set name = excluded.name`,
      [of.sourceId, row.externalId, name],
    );
  } else await queryable.query(`update ${table} set name = $4 where ${isSame}`, [...named, name]);
  row.columns.name = name;
  row.removed = false;
}

async function insertRow(
  queryable: Queryable,
  { sourceId, model }: { sourceId: string; model: ModelRows },
  { kind, at, name }: ForeignWrite,
): Promise<void> {
  // The POS never has it: meeting such a row for the first time has rules of its own (docs/decisions/0004).
  const externalId = `theirs ${at % 5}`;
  const pathId = kind === 'modifiers' ? 'p' : null;
  const key = modelKey(kind, externalId, pathId);
  if (model[kind].has(key)) return;
  await queryable.query(
    `insert into integration_${kind} (source_id, external_id, name, data${pathId === null ? '' : ', path_id'})
     values ($1, $2, $3, '{}'${pathId === null ? '' : `, '${pathId}'`})`,
    [sourceId, externalId, name],
  );
  const columns = { ...empty[kind], name, price: null, currency: null, is_available: null, data: {} };
  const row: ModelRow = { externalId, pathId, columns, removed: false };
  model[kind].set(key, row);
}
