-- What callers of the API asked for under an Idempotency-Key, and what they were answered: kept for 24 hours.

create table if not exists integration_idempotency_keys (
  -- the API key's id, or 'admin': two callers may choose the same text
  scope text not null,
  -- SHA-256 of the Idempotency-Key; the text itself is not kept
  key_hash bytea not null,
  -- HMAC of method, address and body under the Idempotency-Key: a body may hold a secret, and a bare hash could be guessed at
  fingerprint bytea not null,
  -- whose answer is awaited: a process that comes back after its claim expired stores nothing
  claim uuid not null,
  claimed_at timestamptz not null default now(),
  -- null = the request is under way, or its process died; such a claim expires after a minute
  answer jsonb,
  primary key (scope, key_hash)
);
create index if not exists integration_idempotency_keys_by_time on integration_idempotency_keys (claimed_at);
