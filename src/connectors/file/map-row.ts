// From one row of a file to an item: pure, total; whatever is wrong with it becomes a reject that names its place.
import { formattedItem, rejectOf } from '../../catalog/check-item.ts';
import type { Decimal, Formatted, Item, Kind } from '../../catalog/item.ts';
import type { ParsedMoney } from '../../catalog/money.ts';
import { idText, isObject, readText } from '../../catalog/raw-fields.ts';
import type { Json } from '../../json.ts';
import { kindOfWord } from './columns.ts';
import type { FileRow } from './read/file-part.ts';
import { type DecimalSign, readAmount, readPercent } from './read-amount.ts';
import type { Columns, Field } from './settings.ts';

export interface RowRules {
  columns: Columns;
  /** What rows are where nothing says it. */
  kind: Kind;
  decimal: DecimalSign | null;
  currency: string | null;
}

/** What a row became; `kindUnknown`: the file says its kind, and it could not be read, so it may be of any. */
export interface MappedRow {
  formatted: Formatted;
  kind: Kind;
  kindUnknown: boolean;
}

/** A value that cannot be what its column should hold. */
class UnusableValue extends Error {
  readonly reason: string;
  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

type Values = { [column: string]: Json };

/** Maps one row. Nothing is thrown. */
export function mapRow(row: FileRow, rules: RowRules): MappedRow {
  const { place, fault } = row;
  const values = isObject(row.values) ? row.values : {};
  const found = row.kind ?? kindOf(values, rules);
  const kind = found ?? rules.kind;
  const mapped = (formatted: Formatted): MappedRow => ({ formatted, kind, kindUnknown: found === null });
  const ids = { externalId: idOf(values, rules, 'external_id'), pathId: pathOf(kind, values, rules) };
  const reject = (reason: string, message: string) => {
    // The key of a row of unknown kind would count for another item as seen.
    const known = found !== null && readableKey(ids) ? ids : { externalId: null, pathId: null };
    return mapped(rejectOf(kind, known, { reason, message: `${place}: ${message}`, raw: row.values }));
  };
  if (fault !== undefined) return reject(fault.reason, fault.message);
  if (found === null) {
    const said = JSON.stringify(cellOf(values, rules.columns.kind)).slice(0, 60);
    return reject('invalid_kind', `${said} is none of product, modifier and discount.`);
  }
  if (ids.externalId === null)
    return reject('missing_external_id', `The column ${columnOf('external_id', rules)} is empty.`);
  try {
    const item = itemOf(values, { rules, kind, externalId: ids.externalId, pathId: ids.pathId });
    const amount = kind === 'discounts' ? item.discountAmount : item.price;
    const formatted = formattedItem(item, amount === null || amount === '0' ? 0 : 1);
    if (formatted.type !== 'reject') return mapped(formatted);
    return reject(formatted.reject.reason, formatted.reject.message);
  } catch (error) {
    if (!(error instanceof UnusableValue)) throw error;
    return reject(error.reason, error.message);
  }
}

/** The value of a column; members inside members by a path such as 'price.amount'. */
function cellOf(values: Values, column: string | undefined): Json {
  if (column === undefined) return null;
  if (Object.hasOwn(values, column)) return values[column] ?? null;
  let inner: Json = values;
  for (const part of column.includes('.') ? column.split('.') : []) {
    if (!isObject(inner) || !Object.hasOwn(inner, part)) return null;
    inner = inner[part] ?? null;
  }
  return inner === values ? null : inner;
}

// Without a column for it, or with nothing in it, rows are what the settings say; null = a word that means nothing.
function kindOf(values: Values, { columns, kind }: RowRules): Kind | null {
  const value = cellOf(values, columns.kind);
  if (columns.kind !== undefined && !Object.hasOwn(values, columns.kind) && Object.keys(values).length === 0)
    return null;
  if (value === null || value === '') return kind;
  return typeof value === 'string' ? kindOfWord(value) : null;
}

function idOf(values: Values, { columns }: RowRules, field: Field): string | null {
  return idText(cellOf(values, columns[field]));
}

function pathOf(kind: Kind, values: Values, rules: RowRules): string | null {
  return kind === 'discounts' ? null : idOf(values, rules, 'path_id');
}

function readableKey({ externalId, pathId }: { externalId: string | null; pathId: string | null }): boolean {
  return !`${externalId}${pathId}`.includes('\uFFFD');
}

interface Known {
  rules: RowRules;
  kind: Kind;
  externalId: string;
  pathId: string | null;
}

function itemOf(values: Values, { rules, kind, externalId, pathId }: Known): Item {
  const text = (field: Field) => textOf(values, rules, field);
  const amount = (field: Field, read = readAmount) => amountOf(values, { rules, field, read });
  const isModifier = kind === 'modifiers';
  const isDiscount = kind === 'discounts';
  return {
    kind,
    externalId,
    pathId,
    name: text('name'),
    itemType: kind === 'products' ? text('item_type') : null,
    modifierGroupId: isModifier ? text('modifier_group_id') : null,
    modifierGroupName: isModifier ? text('modifier_group_name') : null,
    // In a file with one column for money, that of a discount is what it takes off.
    discountAmount: isDiscount ? (amount('discount_amount') ?? amount('price')) : null,
    discountPercent: isDiscount ? amount('discount_percent', readPercent) : null,
    price: isDiscount ? null : amount('price'),
    currency: currencyOf(text('currency')) ?? rules.currency,
    isAvailable: availabilityOf(cellOf(values, rules.columns.is_available), rules),
    data: values,
  };
}

function textOf(values: Values, rules: RowRules, field: Field): string | null {
  const text = readText(cellOf(values, rules.columns[field]));
  if (text === undefined)
    throw new UnusableValue('invalid_field', `The column ${columnOf(field, rules)} is not a text.`);
  return text === '' ? null : text;
}

interface Amount {
  rules: RowRules;
  field: Field;
  read: (value: Json | undefined, decimal: DecimalSign | null) => ParsedMoney;
}

function amountOf(values: Values, { rules, field, read }: Amount): Decimal | null {
  const parsed = read(cellOf(values, rules.columns[field]), rules.decimal);
  if (parsed.ok) return parsed.amount;
  throw new UnusableValue('invalid_price', `The column ${columnOf(field, rules)}: ${parsed.message}.`);
}

function currencyOf(text: string | null): string | null {
  if (text === null) return null;
  const code = text.trim().toUpperCase();
  if (/^[A-Z]{3}$/.test(code)) return code;
  throw new UnusableValue('invalid_field', `${JSON.stringify(text.slice(0, 60))} is no ISO 4217 code such as USD.`);
}

const availabilities = new Map<string, boolean>([
  ...['true', 'yes', 'y', '1', 'active', 'available'].map((word) => [word, true] as const),
  ...['false', 'no', 'n', '0', 'inactive', 'unavailable'].map((word) => [word, false] as const),
]);

function availabilityOf(value: Json, rules: RowRules): boolean | null {
  const text = readText(value);
  if (text === null || text === '') return null;
  const found = availabilities.get((text ?? '').trim().toLowerCase());
  if (found !== undefined) return found;
  const message = `The column ${columnOf('is_available', rules)} is neither true nor false.`;
  throw new UnusableValue('invalid_field', message);
}

function columnOf(field: Field, { columns }: RowRules): string {
  return columns[field] === undefined ? field : `“${columns[field].slice(0, 60)}”`;
}
