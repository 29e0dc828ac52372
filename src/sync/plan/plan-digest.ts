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

export interface PlanDigest {
  add(change: DigestedChange): void;
  /** 32 hex digits; the same for the same set of changes, whatever their order. */
  hex(): string;
}

/** Starts the digest of an empty plan: four sums of 32 bits each, over the hashes of the changes. */
export function openPlanDigest(): PlanDigest {
  const sums = new Uint32Array(4);
  return {
    add({ kind, key, operation, oldHash, newHash }) {
      const text = hash('sha256', `${kind}\u0002${key}\u0002${operation}\u0002${oldHash}\u0002${newHash}`, 'hex');
      for (let lane = 0; lane < 4; lane++) {
        sums[lane] = ((sums[lane] as number) + Number.parseInt(text.slice(lane * 8, lane * 8 + 8), 16)) >>> 0;
      }
    },
    hex: () => [...sums].map((sum) => sum.toString(16).padStart(8, '0')).join(''),
  };
}
