// What all workers know together about the POS: budgets, hosts that rest, tokens.
import type { Database } from '../../db/database.ts';
import { type Breaker, usualBreaker } from '../../net/manners/breaker.ts';
import type { RateBudget } from '../../net/manners/rate-budget.ts';
import type { TokenStore } from '../../net/manners/token-store.ts';
import { openBreaker } from '../../records/upstream/breaker.ts';
import { openRateBudget } from '../../records/upstream/rate-budget.ts';
import { openTokenStore } from '../../records/upstream/token-store.ts';
import type { Vault } from '../../vault/open-vault.ts';

export interface Upstream {
  budget: RateBudget;
  breaker: Breaker;
  tokens: TokenStore;
}

/** The ports of net/ over this database; cheap, one per fetch. Tokens are kept as ciphertexts of the vault. */
export function openUpstream(database: Database, vault: Vault): Upstream {
  return {
    budget: openRateBudget(database),
    breaker: openBreaker(database, usualBreaker),
    tokens: openTokenStore(database, vault),
  };
}
