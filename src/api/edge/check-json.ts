// What a JSON text must not be although a parser takes it: nested without end, or naming a field twice.
import { TillsyncError } from '../../errors.ts';

export interface JsonRules {
  /** Levels of objects and lists. */
  maxDepth: number;
  /** Fields of objects down to this level are named once; 1 = of the outermost only. */
  uniqueTo: number;
}

/**
 * Looks at JSON text that a parser has taken already. Throws TillsyncError body_too_deep or body_key_repeated (400). Of
 * two fields of one name one program believes the first and another the last: neither is read.
 */
export function checkJson(text: string, { maxDepth, uniqueTo }: JsonRules): void {
  const names: (Set<string> | null)[] = [];
  let atName = false;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case openBrace:
      case openBracket: {
        if (names.length >= maxDepth) throw tooDeep(maxDepth);
        atName = text.charCodeAt(at) === openBrace && names.length < uniqueTo;
        names.push(atName ? new Set() : null);
        break;
      }
      case closeBrace:
      case closeBracket:
        names.pop();
        atName = false;
        break;
      case comma:
        atName = names.at(-1) != null;
        break;
      case quote: {
        const end = endOfText(text, at);
        if (atName) takeName(names.at(-1) as Set<string>, text.slice(at, end + 1));
        atName = false;
        at = end;
        break;
      }
    }
  }
}

const [openBrace, closeBrace, openBracket, closeBracket, comma, quote] = [123, 125, 91, 93, 44, 34];

function endOfText(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text[at - 1 - slashes] === '\\') slashes++;
  return slashes % 2 === 1;
}

function takeName(known: Set<string>, source: string): void {
  // Written differently, "\u0061" and "a" are one name.
  const name = source.includes('\\') ? (JSON.parse(source) as string) : source.slice(1, -1);
  if (known.has(name)) throw repeated(name);
  known.add(name);
}

function tooDeep(maxDepth: number): TillsyncError {
  return new TillsyncError(`The body is nested more than ${maxDepth} levels deep.`, {
    code: 'body_too_deep',
    step: 'validation',
    effect: 'Nothing was changed.',
    hint: 'Flatten it.',
  });
}

function repeated(name: string): TillsyncError {
  return new TillsyncError(`The body names the field ${JSON.stringify(name.slice(0, 100))} twice.`, {
    code: 'body_key_repeated',
    step: 'validation',
    effect: 'Nothing was changed.',
    hint: 'Send each field once.',
  });
}
