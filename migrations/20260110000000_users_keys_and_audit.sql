-- Who may do what: users, their roles, sessions and one-time links, what a key may do, and what was done.

create table if not exists integration_users (
  id uuid primary key default tillsync_new_id(),
  -- as typed; two that differ in case only are one
  email text not null,
  name text not null,
  -- scrypt$<N>$<r>$<p>$<salt>$<hash>; null = no password was set yet
  password_hash text,
  password_set_at timestamptz,
  -- the TOTP secret, encrypted as credentials are (AAD = user id + 'totp'); not in force before it is confirmed
  totp_encrypted text,
  totp_confirmed_at timestamptz,
  -- the time step of the last code that was taken: a code counts once
  totp_last_step bigint,
  disabled_at timestamptz,
  last_sign_in_at timestamptz,
  created_by text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index if not exists integration_users_email_unique on integration_users (lower(email));

-- One role at one place of the hierarchy; a user may have several.
create table if not exists integration_user_roles (
  id uuid primary key default tillsync_new_id(),
  user_id uuid not null references integration_users (id) on delete cascade,
  role text not null,
  level text not null,
  -- the concept's, company's or site's id; null = everywhere
  level_id bigint,
  created_by text,
  created_at timestamptz not null default now(),
  constraint integration_user_roles_role_check check (role in ('viewer', 'operator', 'admin')),
  constraint integration_user_roles_level_check
    check (level in ('all', 'concept', 'company', 'site') and (level = 'all') = (level_id is null)),
  constraint integration_user_roles_unique unique nulls not distinct (user_id, role, level, level_id)
);

-- Codes for who lost the second factor; each counts once.
create table if not exists integration_recovery_codes (
  id uuid primary key default tillsync_new_id(),
  user_id uuid not null references integration_users (id) on delete cascade,
  code_hash bytea not null,
  used_at timestamptz,
  created_at timestamptz not null default now(),
  constraint integration_recovery_codes_unique unique (user_id, code_hash)
);

create table if not exists integration_sessions (
  id uuid primary key default tillsync_new_id(),
  user_id uuid not null references integration_users (id) on delete cascade,
  -- SHA-256 of the cookie's value
  token_hash bytea not null unique,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  -- the last time the person proved who they are; some changes ask for it again
  proved_at timestamptz not null default now(),
  -- null = the password was right and the second factor is still awaited
  second_factor_at timestamptz,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  address text,
  user_agent text
);
create index if not exists idx_integration_sessions_user on integration_sessions (user_id);

-- Links that work once: the first admin, an invitation, a new password.
create table if not exists integration_sign_in_links (
  id uuid primary key default tillsync_new_id(),
  purpose text not null,
  token_hash bytea not null unique,
  -- null = the first admin, who is not there yet
  user_id uuid references integration_users (id) on delete cascade,
  expires_at timestamptz not null,
  used_at timestamptz,
  created_by text,
  created_at timestamptz not null default now(),
  constraint integration_sign_in_links_purpose_check check (purpose in ('first_admin', 'invitation', 'new_password'))
);

-- Guesses of one account or from one address: each failure makes the next wait longer, nobody is locked out.
create table if not exists integration_sign_in_delays (
  -- 'account' or 'address', and the SHA-256 of which
  kind text not null,
  subject_hash bytea not null,
  failures integer not null default 0,
  last_failed_at timestamptz not null,
  next_allowed_at timestamptz not null,
  primary key (kind, subject_hash),
  constraint integration_sign_in_delays_kind_check check (kind in ('account', 'address'))
);

-- What a key may do, and where. Keys that are there already could do everything, and still can.
alter table integration_api_keys add column if not exists access text not null default 'admin';
alter table integration_api_keys add column if not exists level text not null default 'all';
alter table integration_api_keys add column if not exists level_id bigint;
-- the key that takes over from this one; both work until this one expires
alter table integration_api_keys add column if not exists replaced_by uuid;
alter table integration_api_keys add column if not exists revoked_by text;
do $$
begin
  if not exists (select from pg_constraint where conname = 'integration_api_keys_access_check') then
    alter table integration_api_keys
      add constraint integration_api_keys_access_check check (access in ('read', 'sync', 'admin')),
      add constraint integration_api_keys_level_check
        check (level in ('all', 'concept', 'company', 'site') and (level = 'all') = (level_id is null));
  end if;
end $$;

-- What was done, by whom, from where. Written in the transaction that does it; never changed.
create table if not exists integration_audit_log (
  id uuid primary key default tillsync_new_id(),
  at timestamptz not null default now(),
  -- as requested_by: 'user:ada@example.com', 'key:kiosk', 'cli:ada', 'schedule'
  actor text not null,
  -- of the user or key
  actor_id uuid,
  -- subject and verb, e.g. 'config.changed', 'session.opened', 'access.denied'
  action text not null,
  subject_type text,
  subject_id text,
  -- for people, e.g. the config's name at that time
  subject_name text,
  wand_source_id uuid,
  concept_id bigint,
  company_id bigint,
  site_id bigint,
  -- the caller's address, and the id of the request
  address text,
  request_id text,
  -- the fields that changed, never a secret
  before jsonb,
  after jsonb
);
create index if not exists idx_integration_audit_log_at on integration_audit_log (at desc, id desc);
create index if not exists idx_integration_audit_log_subject on integration_audit_log (subject_type, subject_id, at desc);
create index if not exists idx_integration_audit_log_actor on integration_audit_log (actor, at desc);
