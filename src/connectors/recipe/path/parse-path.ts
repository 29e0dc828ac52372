// Parses a path of a recipe: a closed subset of JMESPath without functions, so that no path can loop or call anything.
import type { Json } from '../../../json.ts';
import { PathFault } from './path-fault.ts';
import { type Token, tokensOf } from './tokens.ts';

/** A parsed path. `left` gives what `right` is read from; projections read `right` from each element. */
export type Path =
  | { type: 'current' }
  | { type: 'variable'; name: string }
  | { type: 'field'; name: string }
  | { type: 'index'; at: number }
  | { type: 'literal'; value: Json }
  | { type: 'not'; inner: Path }
  | { type: 'equal' | 'unequal' | 'or' | 'and' | 'chain'; left: Path; right: Path }
  | { type: 'each' | 'values' | 'flatten'; left: Path; right: Path }
  | { type: 'filter'; left: Path; right: Path; condition: Path };

const mostLength = 500;
const mostDepth = 40;
const current: Path = { type: 'current' };

/** How strongly an operator binds what stands before it, as in JMESPath. */
const bindings: Readonly<Record<string, number>> = {
  '|': 1,
  '||': 2,
  '&&': 3,
  '==': 5,
  '!=': 5,
  '[]': 9,
  '[?': 21,
  '.': 40,
  '!': 45,
  '[': 55,
};

/** Parses it once, for any number of evaluations. Throws PathFault. */
export function parsePath(text: string): Path {
  if (text.length > mostLength) throw new PathFault(`it is longer than ${mostLength} characters`);
  const parser = new PathParser(tokensOf(text));
  return parser.whole();
}

class PathParser {
  private readonly tokens: readonly Token[];
  private at = 0;
  private depth = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  whole(): Path {
    const path = this.expression(0);
    if (this.next.type !== 'end') throw this.fault('something follows that does not belong there');
    return path;
  }

  private get next(): Token {
    return this.tokens[this.at] as Token;
  }

  private take(): Token {
    const token = this.next;
    if (token.type !== 'end') this.at++;
    return token;
  }

  private demand<Type extends Token['type']>(type: Type, what: string): Extract<Token, { type: Type }> {
    if (this.next.type !== type) throw this.fault(`${what} is missing`);
    return this.take() as Extract<Token, { type: Type }>;
  }

  private fault(problem: string): PathFault {
    return new PathFault(`${problem} at character ${this.next.start + 1}`);
  }

  private expression(least: number): Path {
    if (++this.depth > mostDepth) throw this.fault(`it is nested deeper than ${mostDepth} levels`);
    let left = this.beginning();
    while (least < (bindings[this.next.type] ?? 0)) left = this.continued(left);
    this.depth--;
    return left;
  }

  private beginning(): Path {
    const token = this.next;
    switch (token.type) {
      case 'name':
        this.take();
        return { type: 'field', name: token.text };
      case '$':
        this.take();
        return { type: 'variable', name: token.text };
      case 'literal':
        this.take();
        return { type: 'literal', value: token.value };
      case '@':
        this.take();
        return current;
      case '!':
        this.take();
        return { type: 'not', inner: this.expression(bindings['!'] as number) };
      case '(': {
        this.take();
        const inner = this.expression(0);
        this.demand(')', 'a )');
        return inner;
      }
      case '*':
        this.take();
        return { type: 'values', left: current, right: this.projected(20) };
      case '[':
      case '[]':
      case '[?':
        return this.continued(current);
      default:
        throw this.fault('a name is missing');
    }
  }

  private continued(left: Path): Path {
    const operator = this.take().type;
    switch (operator) {
      case '.':
        return this.member(left);
      case '[':
        return this.bracket(left);
      case '[]':
        return { type: 'flatten', left, right: this.projected(9) };
      case '[?': {
        const condition = this.expression(0);
        this.demand(']', 'a ]');
        return { type: 'filter', left, condition, right: this.projected(21) };
      }
      case '|':
        return { type: 'chain', left, right: this.expression(1) };
      case '||':
        return { type: 'or', left, right: this.expression(2) };
      case '&&':
        return { type: 'and', left, right: this.expression(3) };
      case '==':
        return { type: 'equal', left, right: this.expression(5) };
      default:
        return { type: 'unequal', left, right: this.expression(5) };
    }
  }

  private member(left: Path): Path {
    if (this.next.type === '*') {
      this.take();
      return { type: 'values', left, right: this.projected(20) };
    }
    const { text } = this.demand('name', 'a name after the point');
    return { type: 'chain', left, right: { type: 'field', name: text } };
  }

  private bracket(left: Path): Path {
    if (this.next.type === '*') {
      this.take();
      this.demand(']', 'a ]');
      return { type: 'each', left, right: this.projected(20) };
    }
    const index = this.demand('number', 'a number, * or ? after the [');
    this.demand(']', 'a ]');
    return { type: 'chain', left, right: { type: 'index', at: Number(index.text) } };
  }

  /** What is read from each element of a projection: all that binds more strongly than it. */
  private projected(least: number): Path {
    const binding = bindings[this.next.type] ?? 0;
    if (binding < 10) return current;
    if (this.next.type !== '.') return this.expression(least);
    this.take();
    let right = this.member(current);
    while (least < (bindings[this.next.type] ?? 0)) right = this.continued(right);
    return right;
  }
}
