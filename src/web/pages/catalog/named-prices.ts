// The prices that a POS names in its own item, base prices too: where each stands, and its value as it came.

export interface NamedPrice {
  /** e.g. 'prices.prices[0].price'. */
  path: string;
  value: string;
}

const isPrice = /price|amount|cost/i;
// Ids and kinds of prices are none.
const isNone = /(id|type|count|level|number)$/i;
const most = 12;

/** At most twelve of them, in the order of the item. */
export function namedPrices(data: unknown): NamedPrice[] {
  const found: NamedPrice[] = [];
  look(data, '', found);
  return found;
}

function look(value: unknown, path: string, found: NamedPrice[]): void {
  if (found.length >= most || value === null) return;
  if (Array.isArray(value)) {
    value.forEach((each, index) => look(each, `${path}[${index}]`, found));
  } else if (typeof value === 'object') {
    for (const [name, each] of Object.entries(value)) look(each, path === '' ? name : `${path}.${name}`, found);
  } else if (isPrice.test(nameOf(path)) && !isNone.test(nameOf(path)) && isNumeric(value))
    found.push({ path, value: String(value) });
}

// The member that a value belongs to, whatever list it stands in.
function nameOf(path: string): string {
  return (
    path
      .replaceAll(/\[\d+\]$/g, '')
      .split('.')
      .at(-1) ?? ''
  );
}

function isNumeric(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value));
}

/** Settings whose name says that they shape prices. */
export function shapesPrices(name: string): boolean {
  return /price|currency|amount|unit|tax|revenue|level/i.test(name);
}
