// The little of XML that a workbook needs, in a stream: tags and text. No document types, so no entities but the five.
import { fileMalformed } from '../file-error.ts';

export type XmlPart =
  /** Names without prefix; `attributes` is the text between name and end. */
  | { type: 'open'; name: string; attributes: string; isEmpty: boolean }
  | { type: 'close'; name: string }
  | { type: 'text'; text: string };

// One cell has at most 32,767 characters, escaped ones included.
const mostTagLength = 1024 * 1024;

/** Takes text in pieces; throws TillsyncError file_malformed. */
export class XmlReader {
  private rest = '';

  read(piece: string): XmlPart[] {
    const text = this.rest + piece;
    const parts: XmlPart[] = [];
    let at = 0;
    while (at < text.length) {
      const isTag = text[at] === '<';
      const end = isTag ? tagEnd(text, at) : text.indexOf('<', at);
      if (end === -1) break;
      const part = isTag
        ? tagOf(text.slice(at + 1, end))
        : { type: 'text' as const, text: unescaped(text.slice(at, end)) };
      if (part !== null) parts.push(part);
      at = isTag ? end + 1 : end;
    }
    this.rest = text.slice(at);
    if (this.rest.length > mostTagLength) throw malformed();
    return parts;
  }
}

function tagEnd(text: string, at: number): number {
  if (text.startsWith('<!--', at)) return beforeLast(text.indexOf('-->', at + 4), 2);
  if (text.startsWith('<![CDATA[', at)) return beforeLast(text.indexOf(']]>', at), 2);
  // Too short to be told from one of those.
  if (text.startsWith('<!', at) && text.length - at < 9) return -1;
  let quote = '';
  for (let index = at + 1; index < text.length; index++) {
    const character = text[index] as string;
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '>') return index;
  }
  return -1;
}

function beforeLast(at: number, length: number): number {
  return at === -1 ? -1 : at + length;
}

function tagOf(tag: string): XmlPart | null {
  if (tag.startsWith('![CDATA[')) return { type: 'text', text: tag.slice(8, -2) };
  if (tag.startsWith('?') || tag.startsWith('!--')) return null;
  if (tag.startsWith('!')) throw malformed();
  if (tag.startsWith('/')) return { type: 'close', name: localName(tag.slice(1).trim()) };
  const isEmpty = tag.endsWith('/');
  const inside = isEmpty ? tag.slice(0, -1) : tag;
  const [name = ''] = inside.split(/\s/, 1);
  return { type: 'open', name: localName(name), attributes: inside.slice(name.length), isEmpty };
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** The value of an attribute, by its name with or without a prefix; null = it is not there. */
export function attributeOf(attributes: string, name: string): string | null {
  // Names are looked for at their begin only: anywhere else a long one would be read again from each of its characters.
  for (const [, key = '', double, single] of attributes.matchAll(
    /(?<![\w:.-])([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g,
  )) {
    if (key === name || localName(key) === name) return unescaped(double ?? single ?? '');
  }
  return null;
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.includes('&')
    ? text.replace(/&(#?\w{1,9});/g, (whole, entity: string) => entityOf(entity) ?? whole)
    : text;
}

function entityOf(entity: string): string | undefined {
  if (!entity.startsWith('#')) return named[entity];
  const code = Number(entity.startsWith('#x') ? `0x${entity.slice(2)}` : entity.slice(1));
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

function malformed(): Error {
  return fileMalformed('as a workbook, its XML is damaged', 'Save it again in a spreadsheet program, or as CSV.');
}
