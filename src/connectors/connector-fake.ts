// What the pretend POS of a connector owes the contract test: `startFake` in the connector's fake.ts. No part of the product's run.
import type { ConnectorSettings } from './connector.ts';

export interface FakeSize {
  products: number;
  modifiers: number;
  discounts: number;
  /** Default 1. The same seed and size make the same catalog. */
  seed?: number;
}

/**
 * How the next catalog requests are answered: refused with the vendor's 429 that asks for a wait of 1 to 2 seconds; cut off in
 * the middle of the body; accepted and never answered; answered with a beginning and no end. Requests for tokens are answered as usual.
 */
export type FakeFault = '429' | 'truncated' | 'hang' | 'hang-body';

export interface ConnectorFake {
  /** E.g. 'http://127.0.0.1:41234'. */
  url: string;
  /** A whole config that reads it: identity, base URL and credentials which it accepts. */
  settings: ConnectorSettings;
  /** For the next `times` catalog requests; default for good. */
  answer(fault: FakeFault, times?: number): void;
  /** Every request so far but those for tokens, oldest first. */
  readonly requests: readonly { method: string; url: string }[];
  /** `<kind> <itemKey>` of every item that a correct sync stores, each once, in any order. */
  expectedKeys(): readonly string[];
  stop(): Promise<void>;
}

/** The export of a connector's fake.ts. */
export type StartFake = (size: FakeSize) => Promise<ConnectorFake>;
