// The digest that names a plan: an order-independent sum over its changes.
import { hash } from 'node:crypto';

/** One change as the digest sees it; hashes in hex, '' where there is none. */
export interface DigestedChange {
  kind: string;
  key: string;
  operation: string;
  oldHash: string;
  newHash: string;
}

const modulus = 1n << 128n;

export interface PlanDigest {
  add(change: DigestedChange): void;
  /** 32 hex digits; the same for the same set of changes, whatever their order. */
  hex(): string;
}

/** Starts the digest of an empty plan. */
export function openPlanDigest(): PlanDigest {
  let sum = 0n;
  return {
    add({ kind, key, operation, oldHash, newHash }) {
      const text = hash('sha256', [kind, key, operation, oldHash, newHash].join('\u0002'), 'hex');
      sum = (sum + BigInt(`0x${text.slice(0, 32)}`)) % modulus;
    },
    hex: () => sum.toString(16).padStart(32, '0'),
  };
}
