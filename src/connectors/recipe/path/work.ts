// How much a recipe may do with one page: a deadline counted in steps, so that it is the same on every machine.
import { TillsyncError } from '../../../errors.ts';

/** Steps of paths on one page: about five seconds of an ordinary machine. */
const mostSteps = 50_000_000;

/** Items of one page, of all kinds. */
const mostItems = 500_000;

/** Counts what formatting one page costs. Throws TillsyncError recipe_too_much (step 'format'). */
export class Work {
  private steps = 0;
  private items = 0;
  private readonly most: { steps: number; items: number };

  constructor(most: { steps: number; items: number } = { steps: mostSteps, items: mostItems }) {
    this.most = most;
  }

  step(): void {
    if (++this.steps > this.most.steps) throw tooMuch(`more than ${this.most.steps} steps`);
  }

  /** Told of each member that is read; only trying a recipe listens. */
  read(_object: object, _name: string): void {
    return;
  }

  item(): void {
    if (++this.items > this.most.items) throw tooMuch(`more than ${this.most.items} items`);
  }
}

function tooMuch(what: string): TillsyncError {
  return new TillsyncError(`The recipe makes ${what} of one page of the POS.`, {
    code: 'recipe_too_much',
    step: 'format',
    hint: 'Ask for smaller pages, or correct the `each` levels: one that reads from $document repeats it for every element.',
  });
}
