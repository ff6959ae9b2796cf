-- An account belongs to a place: who administers that place administers it.
alter table account
  add column place_code text collate "C",
  add column password_once boolean not null default false,
  add column oidc_allowed boolean not null default false,
  add column created_at timestamptz not null default now();
update account a set place_code = coalesce((select min(g.place_code) from account_grant g where g.account_id = a.id), '31');
alter table account alter column place_code set not null;
create index account_place on account (place_code);
alter table account enable row level security;
create policy service on account to cityloop_service using (true) with check (true);
create policy staff on account for select to cityloop_staff
  using (place_code >= current_setting('cityloop.lo') and place_code < current_setting('cityloop.hi') and cityloop_covers(place_code));
-- Column by column: a password's hash is no business of any screen.
grant select (id, username, name, place_code, simulated, disabled_at, locked_until, password_once, oidc_allowed, created_at)
  on account to cityloop_staff;

-- One role may be held in one place for two units; a grant is ended by its id.
alter table account_grant drop constraint account_grant_pkey;
alter table account_grant add column id uuid primary key default gen_random_uuid();
create unique index account_grant_one on account_grant (account_id, role, place_code, unit_id) nulls not distinct;

-- `id` is what a person's screen may know of a session; the secret's hash stays inside.
alter table session
  add column id uuid not null default gen_random_uuid(),
  add column device text not null default '',
  add column address text not null default '';

-- `id` is the account. `last_step` is the 30-second step of the last code taken: a code counts once.
create table second_factor (
  id uuid primary key,
  secret_sealed text not null,
  confirmed_at timestamptz,
  last_step bigint not null default 0
);
create table recovery_code (
  account_id uuid not null,
  code_hash text not null,
  used_at timestamptz,
  primary key (account_id, code_hash)
);
-- The password was right, the code is still to come.
create table half_session (
  secret_hash text primary key,
  account_id uuid not null,
  tries integer not null default 0,
  expires_at timestamptz not null
);
create index half_session_account on half_session (account_id);

create table account_identity (
  issuer text not null,
  subject text not null,
  account_id uuid not null,
  linked_at timestamptz not null default now(),
  constraint account_identity_one primary key (issuer, subject)
);
create index account_identity_account on account_identity (account_id);
create table oidc_attempt (
  state_hash text primary key,
  nonce text not null,
  verifier text not null,
  expires_at timestamptz not null
);
create index oidc_attempt_expiry on oidc_attempt (expires_at);

grant select, insert, update, delete on second_factor, recovery_code, half_session to cityloop_service;
grant select, insert, delete on account_identity, oidc_attempt to cityloop_service;
