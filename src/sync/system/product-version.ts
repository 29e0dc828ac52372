// Which version of tillsync this is.
import { readFileSync } from 'node:fs';

let known: string | undefined;

/** As in package.json; 'unknown' where the code was bundled without it. */
export function productVersion(): string {
  if (known !== undefined) return known;
  try {
    const file = new URL('../../../package.json', import.meta.url);
    known = (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  } catch {
    // As an edge function: nobody is hurt by not knowing it.
    known = 'unknown';
  }
  return known;
}
