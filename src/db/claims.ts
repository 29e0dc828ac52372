// Who is asking: what a transaction tells PostgreSQL about the caller, for row security and for the audit log.

/** Where somebody may look or act: everywhere, or at these places of the hierarchy and below them. */
export interface Scope {
  all: boolean;
  concepts: readonly string[];
  companies: readonly string[];
  sites: readonly string[];
}

/** The caller of the statements of one transaction. */
export interface Claims {
  /** As in requested_by: 'user:ada@example.com', 'key:kiosk', 'cli:ada'. */
  who: string;
  /** Id of the user or key; null = none. */
  id: string | null;
  /** The caller's address and the request's id, for the audit log; null = no request. */
  address: string | null;
  requestId: string | null;
  /** Where the caller may do what this request does. */
  scope: Scope;
}

export const everywhere: Scope = { all: true, concepts: [], companies: [], sites: [] };

/** The same text for scopes that see the same rows. */
export function scopeKey({ all, concepts, companies, sites }: Scope): string {
  const ids = (of: readonly string[]) => [...new Set(of)].sort();
  return all ? 'all' : JSON.stringify([ids(concepts), ids(companies), ids(sites)]);
}

/** The value of the setting tillsync.claims: JSON, with the ids as numbers in text. */
export function claimsText(claims: Claims): string {
  const { who, id, address, requestId, scope } = claims;
  const { all, concepts, companies, sites } = scope;
  return JSON.stringify({ who, id, address, request_id: requestId, all, concepts, companies, sites });
}
