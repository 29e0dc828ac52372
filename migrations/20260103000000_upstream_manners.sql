-- How we treat a POS, known to all workers: rate budgets, hosts that rest, and access tokens.

create table if not exists integration_rate_budgets (
  origin text not null,
  -- names the credential without telling it
  credential bytea not null,
  -- when the turns given out so far are used up at an even pace (GCRA's theoretical arrival time)
  used_until timestamptz not null,
  -- the turn that was given or offered last, and whether it was taken
  turn_at timestamptz not null,
  granted boolean not null,
  -- a POS that said 429 stops all workers until then
  paused_until timestamptz,
  primary key (origin, credential)
) with (fillfactor = 50);
comment on table integration_rate_budgets is
  'one row per credential at one origin; written once per request of a connector that declares a budget, and at a 429';

create table if not exists integration_upstream_hosts (
  host text primary key,
  -- in a row
  failures integer not null default 0,
  -- rests since the last success
  rests integer not null default 0,
  -- null = requests may go
  rests_until timestamptz,
  -- the one request that tries whether the host is back
  probe uuid,
  probe_until timestamptz
) with (fillfactor = 50);
comment on table integration_upstream_hosts is 'circuit breaker per host; a host without a row never failed';

create table if not exists integration_access_tokens (
  -- the config that holds the credentials (a company's serves all its sites), and where they are valid
  config_id uuid not null,
  origin text not null,
  -- ciphertexts of the vault: the credentials with which the tokens began, and the tokens
  grant_encrypted text,
  access_encrypted text,
  refresh_encrypted text,
  -- with a margin before it expires; null = not said
  renew_at timestamptz,
  -- raised with each stored token
  version bigint not null default 0,
  failed_at timestamptz,
  -- {code, message, hint, retry} of the last failure since the last stored token
  failure jsonb,
  primary key (config_id, origin)
);

create table if not exists integration_token_attempts (
  config_id uuid not null,
  origin text not null,
  started_at timestamptz not null,
  -- the credentials that it used
  grant_encrypted text not null,
  primary key (config_id, origin)
);
comment on table integration_token_attempts is
  'a renewal that was sent and whose answer is not stored yet; one found by the holder of the token''s row lock has died';
