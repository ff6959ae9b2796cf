-- Names and telephones are sealed (AES-256-GCM); *_hash is the keyed hash they are found by.
create table person (
  id uuid primary key,
  place_code text collate "C" not null,
  name_sealed text not null,
  phone_sealed text,
  phone_hash text,
  simulated boolean not null default false,
  created_at timestamptz not null
);
create index person_place on person (place_code);
create index person_phone on person (phone_hash);
alter table person enable row level security;
create policy service on person to cityloop_service using (true) with check (true);
create policy staff on person for select to cityloop_staff
  using (place_code >= current_setting('cityloop.lo') and place_code < current_setting('cityloop.hi') and cityloop_covers(place_code));
create policy resident on person for select to cityloop_resident using (id = current_setting('cityloop.person')::uuid);

create table unit (
  id text primary key,
  name text not null,
  name_en text not null,
  department text not null,
  level text not null check (level in ('city', 'district', 'subdistrict')),
  place_code text collate "C" not null
);
create index unit_place on unit (place_code, department);

create table account (
  id uuid primary key,
  username text not null,
  name text not null,
  password_hash text not null,
  failed integer not null default 0,
  locked_until timestamptz,
  simulated boolean not null default false,
  disabled_at timestamptz
);
create unique index account_username on account (username);

create table account_grant (
  account_id uuid not null,
  role text not null,
  place_code text collate "C" not null,
  unit_id text,
  valid_from timestamptz not null,
  valid_to timestamptz,
  primary key (account_id, role, place_code)
);

create table session (
  secret_hash text primary key,
  kind text not null check (kind in ('staff', 'resident')),
  subject_id uuid not null,
  created_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index session_subject on session (subject_id);

create table sign_in_code (
  phone_hash text primary key,
  code_hash text not null,
  tries integer not null default 0,
  sent integer not null default 1,
  sent_since timestamptz not null default now(),
  expires_at timestamptz not null
);

create table machine_key (
  id uuid primary key,
  secret_hash text not null,
  role text not null,
  place_code text collate "C" not null,
  unit_id text,
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index machine_key_secret on machine_key (secret_hash);

grant select, insert, update on person, account, account_grant, session, sign_in_code, machine_key, unit to cityloop_service;
grant delete on sign_in_code, session to cityloop_service;
grant select on person to cityloop_staff, cityloop_resident;
grant select on unit to cityloop_staff, cityloop_resident;
