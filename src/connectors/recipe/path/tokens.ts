// Cuts a path of a recipe into its words and signs.
import { type Json, parseJson } from '../../../json.ts';
import { PathFault } from './path-fault.ts';

type Sign = '|' | '||' | '&&' | '==' | '!=' | '!' | '.' | '*' | '@' | '(' | ')' | '[' | ']' | '[]' | '[?' | 'end';

export type Token =
  | { type: 'name'; text: string; start: number }
  | { type: 'number'; text: string; start: number }
  | { type: '$'; text: string; start: number }
  | { type: 'literal'; value: Json; start: number }
  | { type: Sign; start: number };

const word = /[A-Za-z_][A-Za-z0-9_]*/y;
const number = /-?\d{1,9}/y;
const quotedName = /"(?:[^"\\]|\\.)*"/y;
const rawText = /'(?:[^'\\]|\\.)*'/y;
const jsonLiteral = /`(?:[^`\\]|\\.)*`/y;
const sign = /\|\||&&|==|!=|\[\]|\[\?|[|!.*@()[\]]/y;

/** The tokens of a path, an 'end' last. Throws PathFault. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const found = (pattern: RegExp, from: number): string | null => {
    pattern.lastIndex = from;
    return pattern.exec(text)?.[0] ?? null;
  };
  while (at < text.length) {
    if (/\s/.test(text[at] as string)) {
      at++;
      continue;
    }
    const { token, length } = tokenAt(at, (pattern, from = at) => found(pattern, from), text);
    tokens.push(token);
    at += length;
  }
  return [...tokens, { type: 'end', start: text.length }];
}

type Find = (pattern: RegExp, from?: number) => string | null;

function tokenAt(start: number, find: Find, text: string): { token: Token; length: number } {
  const name = find(word);
  if (name !== null) return { token: { type: 'name', text: name, start }, length: name.length };
  const digits = find(number);
  if (digits !== null) return { token: { type: 'number', text: digits, start }, length: digits.length };
  const quoted = find(quotedName);
  if (quoted !== null) {
    const value = jsonOf(quoted, start);
    return { token: { type: 'name', text: String(value), start }, length: quoted.length };
  }
  const raw = find(rawText);
  if (raw !== null) {
    const value = raw.slice(1, -1).replaceAll("\\'", "'");
    return { token: { type: 'literal', value, start }, length: raw.length };
  }
  const literal = find(jsonLiteral);
  if (literal !== null) {
    const value = jsonOf(literal.slice(1, -1).replaceAll('\\`', '`'), start);
    return { token: { type: 'literal', value, start }, length: literal.length };
  }
  const variable = text[start] === '$' ? find(word, start + 1) : null;
  if (variable !== null) return { token: { type: '$', text: variable, start }, length: variable.length + 1 };
  const operator = find(sign);
  if (operator !== null) return { token: { type: operator as Sign, start }, length: operator.length };
  throw new PathFault(`${JSON.stringify(text[start])} does not belong there at character ${start + 1}`);
}

function jsonOf(text: string, start: number): Json {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new PathFault(`what is quoted is no JSON at character ${start + 1}`);
  }
}
