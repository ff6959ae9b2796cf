-- Who somebody is beyond name and telephone. Of the birth date only the year stands here, in clear: age groups need no
-- more, and the whole date is in the sealed number already. *_hash are keyed: residence_hash is of place and address
-- together, so whoever shares it lives together; alike_hash is of name, birth date and residence, for possible duplicates.
alter table person
  add column id_kind text constraint person_id_kind check (id_kind in ('resident_id', 'passport', 'hk_macao_pass', 'taiwan_pass', 'other')),
  add column id_number_sealed text,
  add column id_number_hash text,
  add column birth_year smallint constraint person_birth_year check (birth_year between 1880 and 2200),
  add column sex text constraint person_sex check (sex in ('male', 'female')),
  add column residence_sealed text,
  add column residence_hash text,
  add column alike_hash text,
  add column occupation text,
  -- A merged duplicate keeps its row, so that its number still leads to the one who was kept and undoing is exact.
  add column merged_into uuid,
  add constraint person_id_number check ((id_kind is null) = (id_number_hash is null));
create index person_id_number on person (id_number_hash) where id_number_hash is not null;
create index person_residence on person (residence_hash) where residence_hash is not null;
create index person_alike on person (alike_hash) where alike_hash is not null;
create index person_merged on person (merged_into) where merged_into is not null;

-- One upload of a register: read and checked first, stored when somebody accepts it.
create table person_import (
  id uuid primary key,
  actor_id text not null,
  place_code text collate "C" not null,
  file text not null,
  content_hash text not null,
  bytes bigint not null,
  state text not null constraint person_import_state check (state in ('reading', 'ready', 'storing', 'done', 'refused', 'dropped')),
  problem text,
  counts jsonb not null default '{}',
  created_at timestamptz not null default now(),
  beat_at timestamptz not null default now()
);
create index person_import_newest on person_import (created_at desc, id desc);

-- What was read of an upload, until it is stored or dropped. Unlogged: after a crash the file is read again, and half the
-- writing is saved. No personal data stands here for longer than a day (policies/retention.yaml).
create unlogged table person_import_row (
  run_id uuid not null,
  line integer not null,
  at timestamptz not null default now(),
  status text not null,
  notes text[] not null,
  id uuid,
  place_code text collate "C",
  name_sealed text,
  phone_sealed text,
  phone_hash text,
  id_kind text,
  id_number_sealed text,
  id_number_hash text,
  birth_year smallint,
  sex text,
  residence_sealed text,
  residence_hash text,
  alike_hash text,
  occupation text,
  simulated boolean not null default false,
  -- Already in the register: same identity number, or this very line was stored before.
  known_id uuid,
  -- Possibly the same as somebody in the register or an earlier line; never merged by itself.
  alike_id uuid,
  alike_why text,
  primary key (run_id, line)
);

-- Two rows that may be one person, until somebody decides.
create table person_duplicate (
  id uuid primary key,
  person_a uuid not null,
  person_b uuid not null,
  place_code text collate "C" not null,
  why text not null constraint person_duplicate_why check (why in ('phone_name', 'name_birth_residence')),
  found_at timestamptz not null,
  state text not null default 'open' constraint person_duplicate_state check (state in ('open', 'merged', 'different')),
  decided_by text,
  decided_at timestamptz,
  constraint person_duplicate_two check (person_a <> person_b)
);
create index person_duplicate_open on person_duplicate (place_code, id) where state = 'open';
create index person_duplicate_a on person_duplicate (person_a);
create index person_duplicate_b on person_duplicate (person_b);

alter table person_duplicate enable row level security;
create policy service on person_duplicate to cityloop_service using (true) with check (true);
create policy staff on person_duplicate for select to cityloop_staff
  using (place_code >= current_setting('cityloop.lo') and place_code < current_setting('cityloop.hi') and cityloop_covers(place_code));

grant select, insert, update, delete on person_import, person_import_row, person_duplicate to cityloop_service;
grant select on person_duplicate to cityloop_staff;
