// What *Test connection* says: one step after the other, each with its fix, and what the first page looks like as items.
import type { Kind } from '../../catalog/item.ts';
import { TillsyncError } from '../../errors.ts';

/** In the order in which they are tried; `login`, `permission` and `identity` as far as the connector can tell them apart. */
export const checkStepNames = [
  'settings',
  'dns',
  'connect',
  'login',
  'permission',
  'identity',
  'page',
  'items',
] as const;
export type CheckStepName = (typeof checkStepNames)[number];

/** One step as it was tried, or was not because an earlier one failed. */
export interface CheckedStep {
  step: CheckStepName;
  ok: boolean;
  skipped: boolean;
  /** One sentence for a person; never a secret. */
  message: string;
  /** What to do; null where it is ok. */
  hint: string | null;
  /** The error's code (docs/reference/errors.md); null where it is ok, or where the connector only says a sentence. */
  code: string | null;
}

/** One item of the first page, as it would be stored. */
export interface SampleItem {
  kind: Kind;
  external_id: string;
  path_id: string | null;
  name: string | null;
  /** Decimal text; of a discount its amount. */
  price: string | null;
  currency: string | null;
  is_available: boolean | null;
}

export interface CheckReport {
  ok: boolean;
  /** All steps, those that were skipped too. */
  steps: CheckedStep[];
  /** Up to three, of as many kinds as there are. */
  items: SampleItem[];
  /** Of the first page, or of its beginning where it is large; null when none came. */
  counts: { items: number; rejected: number; filtered: number } | null;
  /** Identity params that the POS told and the settings lack; null = none. */
  discovered: Record<string, string> | null;
}

/** A step that is as it should be. */
export function passed(step: CheckStepName, message: string): CheckedStep {
  return { step, ok: true, skipped: false, message, hint: null, code: null };
}

/** A step that ends the test with this error; a bug is thrown on. */
export function failed(step: CheckStepName, error: unknown): CheckedStep {
  if (!(error instanceof TillsyncError)) throw error;
  const { message, hint, code } = error;
  return { step, ok: false, skipped: false, message, hint, code };
}

/** A step that nobody came to. */
export function skipped(step: CheckStepName): CheckedStep {
  return { step, ok: false, skipped: true, message: 'Not tried.', hint: null, code: null };
}
