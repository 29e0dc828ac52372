// Takes people and secrets out of recorded requests and answers, the same value always by the same stand-in.
import { isRawNumber, type Json, parseJson } from '../../json.ts';

/** Members whose text is nobody's business, by their names in lower case without separators. */
const secretName =
  /(token|secret|password|passwd|apikey|authorization|cookie|session|credential|signature|email|phone|mobile|firstname|lastname|contact)/;
/** A place in a list of pages, which is asked for again as it was answered. */
const pagePlace = /^(next|previous|prev)?(page|sync)token$/;
const email = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;
// E.164, and the North American form with its separators; a bare run of digits may be an id.
const phone = /(?<![\w.])(?:\+\d{8,15}|(?:\+?1[ .-])?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})(?![\w.])/g;

export interface Scrubber {
  /** A body: JSON member by member, anything else as text. */
  body(text: string): string;
  /** Path and query of an address; a query parameter with the name of a secret loses its value. */
  path(url: URL): string;
}

export interface Scrubbing {
  redact(text: string): string;
  origin: string;
}

/** Where a recording pretends to have been made. */
export const nowhere = 'https://pos.example';

/**
 * A scrubber over what takes the secrets in use out of a text, and the origin that is read. What it took out of one answer it finds again in
 * later requests.
 */
export function openScrubber({ redact: byValue, origin }: Scrubbing): Scrubber {
  const redact = (value: string) => byValue(value.replaceAll(origin, nowhere));
  const standIns = new Map<string, string>();
  const standIn = (value: string, make: (number: number) => string) => {
    const known = standIns.get(value);
    if (known !== undefined) return known;
    const made = make(standIns.size + 1);
    standIns.set(value, made);
    return made;
  };
  const hide = (value: string) => (value === '' ? value : standIn(value, (number) => `scrubbed-${number}`));
  const text = (value: string) =>
    redact(value)
      .replace(email, (found) => standIn(found, (number) => `person-${number}@example.com`))
      .replace(phone, (found) => standIn(found, (number) => `+1 555 010 ${String(number).padStart(4, '0')}`));

  function value(json: Json): Json {
    if (typeof json === 'string') return standIns.get(json) ?? text(json);
    if (Array.isArray(json)) return json.map(value);
    if (typeof json !== 'object' || json === null || isRawNumber(json)) return json;
    return Object.fromEntries(
      Object.entries(json).map(([name, member]) => [redact(name), isSecretName(name) ? hidden(member) : value(member)]),
    );
  }
  // An object or list under such a name keeps its shape: what it holds is looked at one by one.
  function hidden(member: Json): Json {
    if (typeof member === 'string') return hide(member);
    return typeof member === 'number' || isRawNumber(member) ? 0 : value(member);
  }

  return {
    body(raw) {
      try {
        return JSON.stringify(value(parseJson(raw)));
      } catch {
        return text(raw);
      }
    },
    path({ pathname, searchParams }) {
      const query = [...searchParams].map(([name, given]) => {
        const clean = isSecretName(name) ? hide(given) : (standIns.get(given) ?? text(given));
        return `${encodeURIComponent(name)}=${encodeURIComponent(clean)}`;
      });
      return text(pathname) + (query.length === 0 ? '' : `?${query.join('&')}`);
    },
  };
}

function isSecretName(name: string): boolean {
  const bare = name.toLowerCase().replaceAll(/[_\-.]/g, '');
  return secretName.test(bare) && !pagePlace.test(bare);
}
