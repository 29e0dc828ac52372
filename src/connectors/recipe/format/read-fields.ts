// Reads the fields of one element by the rules of a recipe: what is missing is null, what is wrong is said, 0 stays 0.
import type { Decimal } from '../../../catalog/item.ts';
import { majorUnits } from '../../../catalog/minor-units.ts';
import { parseMoney } from '../../../catalog/money.ts';
import { readText } from '../../../catalog/raw-fields.ts';
import type { Json } from '../../../json.ts';
import { type Reading, readPath } from '../path/read-path.ts';
import type { ReadyAvailable, ReadyMoney, ReadyText } from './compile-mapping.ts';

/** A field that cannot be what it should be; becomes a reject. */
export class UnusableField extends Error {
  readonly reason: string;
  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** A text, or null where any of its parts is missing. Throws UnusableField where one is no text. */
export function textAt(rule: ReadyText, reading: Reading): string | null {
  const [only] = rule.parts;
  if (rule.parts.length === 1 && only !== undefined) return partAt(only, rule, reading);
  const texts: string[] = [];
  for (const part of rule.parts) {
    const text = partAt(part, rule, reading);
    if (text === null) return null;
    texts.push(text);
  }
  return texts.join(rule.by);
}

function partAt(part: ReadyText['parts'][number], rule: ReadyText, reading: Reading): string | null {
  const text = readText(readPath(part.path, reading));
  if (text === undefined) throw new UnusableField('invalid_field', `${rule.shown} is not a text.`);
  if (text === null || part.cut === null) return text;
  const pieces = text.split(part.cut.by);
  const taken = part.cut.take.map((at) => pieces[at]);
  return taken.some((piece) => piece === undefined) ? null : taken.join(part.cut.by);
}

/** An id: like a text, but '' and true are none, and what is no text leaves none instead of being refused. */
export function idAt(rule: ReadyText, reading: Reading): string | null {
  const ids: string[] = [];
  for (const part of rule.parts) {
    const value = readPath(part.path, reading);
    if (typeof value === 'boolean') return null;
    const text = readText(value) === undefined ? null : partAt(part, rule, reading);
    if (text === null || text === '') return null;
    ids.push(text);
  }
  return ids.join(rule.by);
}

/** An amount and its currency; `fallback` is the config's. Throws UnusableField. */
export function moneyAt(
  rule: ReadyMoney,
  reading: Reading,
  fallback: string | null,
): { amount: Decimal | null; currency: string | null } {
  const currency = rule.currency ?? currencyAt(rule, reading) ?? fallback;
  const value = stripped(readPath(rule.path, reading), rule.strip);
  const parsed = parseMoney(value);
  if (!parsed.ok) throw new UnusableField('invalid_price', `${rule.shown}: ${parsed.message}.`);
  if (parsed.amount === null || !rule.isMinor) return { amount: parsed.amount, currency };
  try {
    return { amount: majorUnits(parsed.amount, currency), currency };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UnusableField('invalid_price', `${rule.shown}: ${error.message}.`);
  }
}

function currencyAt(rule: ReadyMoney, reading: Reading): string | null {
  if (rule.currencyPath === null) return null;
  const text = readText(readPath(rule.currencyPath, reading));
  if (text === null) return null;
  const code = text?.toUpperCase() ?? '';
  if (!/^[A-Z]{3}$/.test(code)) throw new UnusableField('invalid_field', 'The currency is no ISO 4217 code.');
  return code;
}

// Only texts have signs to take out; one of nothing but signs says nothing.
function stripped(value: Json, strip: readonly string[]): Json {
  if (typeof value !== 'string' || strip.length === 0) return value;
  let text = value;
  for (const each of strip) text = text.replaceAll(each, '');
  text = text.trim();
  return text === '' ? null : text;
}

/** A percent as decimal text. Throws UnusableField. */
export function percentAt(rule: Pick<ReadyMoney, 'path' | 'shown'>, reading: Reading): Decimal | null {
  const parsed = parseMoney(readPath(rule.path, reading));
  if (parsed.ok) return parsed.amount;
  throw new UnusableField('invalid_price', `${rule.shown}: ${parsed.message}.`);
}

/** true, false, or null where the POS does not say. Throws UnusableField. */
export function availableAt(rule: ReadyAvailable, reading: Reading): boolean | null {
  const value = readPath(rule.path, reading);
  if (value === null) return null;
  if (rule.is !== null) {
    const text = readText(value);
    if (text === undefined || text === null) throw new UnusableField('invalid_field', `${rule.shown} is not a text.`);
    return rule.is.has(text);
  }
  if (typeof value !== 'boolean') {
    throw new UnusableField('invalid_field', `${rule.shown} is neither true nor false.`);
  }
  return rule.negated ? !value : value;
}
