// Finds every code that a TillsyncError can carry, by the forms in which the source writes them.
import type { Sources } from '../scripts/read-sources.ts';

// code: 'disk_full' in an object, and refuse('disk_full', …) as the first argument of a function that makes errors.
const inObject = /\bcode:\s*'([a-z][a-z0-9]*(?:_[a-z0-9]+)*)'/g;
const asArgument =
  /\b\w*(?:[eE]rror|[rR]efus\w*|unstorable|[fF]ail\w*|invalid|unusable)\(\s*'([a-z][a-z0-9]*(?:_[a-z0-9]+)+)'/g;

// type DocumentFault = 'body_empty' | …: a closed list of codes.
const faultType = /\btype DocumentFault =([^;]+);/g;

/** All codes in src/, tests aside. */
export function errorCodes(sources: Sources): Set<string> {
  const codes = new Set<string>();
  for (const [path, text] of sources) {
    if (!path.startsWith('src/') || path.endsWith('.test.ts')) continue;
    for (const pattern of [inObject, asArgument]) {
      for (const [, code] of text.matchAll(pattern)) codes.add(String(code));
    }
    for (const [, list] of text.matchAll(faultType)) {
      for (const [, code] of String(list).matchAll(/'(\w+)'/g)) codes.add(String(code));
    }
  }
  return codes;
}
