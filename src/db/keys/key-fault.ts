// Why an index cannot serve as a key: one fault per index, the one that matters most.
import type { KeyDefinition } from './key-definitions.ts';
import type { IndexFacts } from './read-indexes.ts';

/** In the order in which they are looked for; `null` = it serves. */
export type KeyFault =
  | 'not_unique'
  | 'invalid'
  | 'expression'
  | 'columns'
  | 'partial'
  | 'deferrable'
  | 'nulls_distinct'
  | 'column_order'
  | null;

/**
 * What keeps an index from being this key. Column order is a fault although ON CONFLICT would accept any order: the key
 * read of a sync goes through the first column, and without it reads the whole index.
 */
export function keyFault(key: KeyDefinition, index: IndexFacts): KeyFault {
  if (!index.unique) return 'not_unique';
  if (!index.valid) return 'invalid';
  if (index.columns.includes(null)) return 'expression';
  if (!sameSet(key.columns, index.columns)) return 'columns';
  if (index.predicate !== null) return 'partial';
  if (!index.immediate) return 'deferrable';
  if (!index.nulls_not_distinct) return 'nulls_distinct';
  return key.columns.every((column, position) => index.columns[position] === column) ? null : 'column_order';
}

/** Whether the INCLUDEd columns of a key are there; without them a sync reads the table for every key. */
export function includesAll(key: KeyDefinition, index: IndexFacts): boolean {
  return key.include.every((column) => index.include.includes(column));
}

function sameSet(left: readonly string[], right: readonly (string | null)[]): boolean {
  return left.length === right.length && left.every((column) => right.includes(column));
}
