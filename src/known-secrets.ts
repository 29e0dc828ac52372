// Texts that nobody may see: every form in which they can stand somewhere, and how they are taken out of other texts.
import { Buffer } from 'node:buffer';

/** What stands in the place of a secret. */
export const censored = '[redacted]';

/**
 * Every form of a secret that programs make of it: as it is, percent-encoded once and twice, escaped for HTML and for JSON
 * (also in ASCII, and inside JSON texts inside JSON texts), in base64 (also as a part of something longer) and in hex. A key of
 * letters and digits has few.
 */
export function secretForms(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8');
  const whole = secret.toWellFormed();
  const percent = encodeURIComponent(whole);
  const strict = percent.replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`);
  const inUrl = [percent, strict, percent.replaceAll('%20', '+'), encodeURI(whole), encodeURIComponent(percent)];
  const base64 = bytes.toString('base64');
  const coded = [base64, base64.replace(/=+$/, ''), encodeURIComponent(base64), bytes.toString('hex')];
  const parts = [0, 1, 2].map((offset) => base64Part(bytes, offset)).filter((part) => part.length >= 6);
  const urlSafe = [...coded, ...parts].map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  const escaped = [...new Set([secret, secret.trim(), ...html(secret)])].flatMap(jsonLevels);
  return [...new Set([secret, ...inUrl, ...escaped, ...coded, ...parts, ...urlSafe])];
}

/** JSON in JSON in JSON: each level escapes what the one before wrote. Some programs escape / and what is not ASCII, too. */
function jsonLevels(text: string): string[] {
  const levels = [text];
  const first = JSON.stringify(text).slice(1, -1);
  for (let level of new Set([first, first.replaceAll('/', '\\/'), ascii(first)])) {
    for (let depth = 0; depth < 6; depth++) {
      levels.push(level);
      level = JSON.stringify(level).slice(1, -1);
    }
  }
  return levels;
}

function ascii(text: string): string {
  return text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function html(text: string): string[] {
  const common = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const quoted = common.replaceAll('"', '&quot;');
  return [common, ...['&#39;', '&#x27;', '&apos;', "'"].map((mark) => quoted.replaceAll("'", mark))];
}

// What base64 makes of these bytes wherever they stand in something longer; the characters that they share with their
// neighbours are left out.
function base64Part(bytes: Buffer, offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
  return text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
}

/** A function that takes these forms out of a text, whatever their case, the longest first. */
export function textRedactor(forms: Iterable<string>): (text: string) => string {
  const index = new FormIndex();
  for (const form of forms) index.add(form);
  return (text) => index.redact(text);
}

const prefixLength = 4;

// Of many thousand forms only those are looked at that begin as the text does at this place, one look for each length.
class FormIndex {
  readonly #beginnings = new Uint8Array(65_536);
  readonly #byPrefix = new Map<string, { lengths: number[]; forms: Set<string> }>();

  /** Forms of fewer than 4 characters would censor ordinary words. */
  add(form: string): void {
    const lower = lowered(form);
    if (lower.length < prefixLength) return;
    const prefix = lower.slice(0, prefixLength);
    const known = this.#byPrefix.get(prefix) ?? { lengths: [], forms: new Set() };
    known.forms.add(lower);
    if (!known.lengths.includes(lower.length)) known.lengths = [...known.lengths, lower.length].sort((a, b) => b - a);
    this.#byPrefix.set(prefix, known);
    this.#beginnings[beginning(lower, 0)] = 1;
  }

  redact(text: string): string {
    if (this.#byPrefix.size === 0) return text;
    const lower = lowered(text);
    let clean = '';
    let from = 0;
    for (let at = 0; at + prefixLength <= text.length; at++) {
      if (this.#beginnings[beginning(lower, at)] !== 1) continue;
      const known = this.#byPrefix.get(lower.slice(at, at + prefixLength));
      const length = known?.lengths.find((each) => known.forms.has(lower.slice(at, at + each)));
      if (length === undefined) continue;
      clean += text.slice(from, at) + censored;
      from = at + length;
      at = from - 1;
    }
    return from === 0 ? text : clean + text.slice(from);
  }
}

function beginning(text: string, at: number): number {
  return (text.charCodeAt(at) * 31 + text.charCodeAt(at + 1)) & 0xffff;
}

// Only ASCII: lower case must be as long as the text itself.
function lowered(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** The secrets that a process has seen. */
export interface KnownSecrets {
  /** Remembers secrets; one that is JSON counts by the texts in it. */
  learn(secrets: Iterable<string>): void;
  /** Takes all of them out of a text, in every form. */
  redact(text: string): string;
}

// Anything shorter may be a word of our own sentences.
const leastLength = 8;
const leastWithDigit = 6;

/** Opens an empty memory of secrets; it keeps the last `most` at least. */
export function openKnownSecrets(most = 4_000): KnownSecrets {
  // In the order in which they were last seen.
  let seen = new Set<string>();
  let index = new FormIndex();
  const add = (secret: string) => {
    for (const form of secretForms(secret)) index.add(form);
  };
  return {
    learn(secrets) {
      for (const secret of [...secrets].flatMap(textsIn)) {
        const isUsable = secret.length >= leastLength || (secret.length >= leastWithDigit && /\d/.test(secret));
        if (!isUsable) continue;
        if (!seen.delete(secret)) add(secret);
        seen.add(secret);
      }
      if (seen.size < 2 * most) return;
      seen = new Set([...seen].slice(-most));
      index = new FormIndex();
      for (const secret of seen) add(secret);
    },
    redact: (text) => index.redact(text),
  };
}

/** The secret itself; of a JSON document the texts in it; of an authorization also what follows its scheme. */
function textsIn(secret: string): string[] {
  const afterScheme = /^(?:bearer|basic|token)\s+(\S+)$/i.exec(secret)?.[1];
  if (afterScheme !== undefined) return [secret, afterScheme];
  if (!/^\s*[[{]/.test(secret)) return [secret];
  const texts: string[] = [];
  try {
    JSON.parse(secret, (_, value: unknown) => {
      if (typeof value === 'string') texts.push(...textsIn(value));
      return value;
    });
  } catch {
    return [secret];
  }
  return texts;
}
