-- Which transaction sealed a tube: what is below the oldest one still running is complete, so that counting follows the
-- writing without missing what commits late and without counting twice.
alter table tube add column xact xid8 not null default pg_current_xact_id();
create index tube_xact on tube (xact);

-- A round: the people of a place owe the tests of a plan of the pack from one day to another.
create table screening_round (
  id uuid primary key,
  place_code text collate "C" not null,
  plan_id text not null,
  title text not null,
  starts_on date not null,
  ends_on date not null,
  actor_id text not null,
  opened_at timestamptz not null,
  ended_at timestamptz,
  constraint round_ends_after check (ends_on >= starts_on)
);
create index screening_round_days on screening_round (starts_on, ends_on);
alter table screening_round enable row level security;
create policy service on screening_round to cityloop_service using (true) with check (true);
create policy staff on screening_round for select to cityloop_staff using (true);

-- Who was sampled on which day, by where they live; made from the samples by a routine, seconds behind.
create table tested (
  person_id uuid not null,
  day date not null,
  place_code text collate "C" not null,
  at timestamptz not null,
  primary key (person_id, day)
);
create index tested_place on tested (day, place_code, at);
create table tested_count (
  day date not null,
  place_code text collate "C" not null,
  n integer not null,
  primary key (day, place_code)
);
create table people_count (
  place_code text collate "C" primary key,
  n integer not null
);
create table coverage_mark (
  one boolean primary key default true check (one),
  xact xid8 not null,
  counted_at timestamptz not null
);
grant select, insert, update on screening_round, tested_count, people_count, coverage_mark to cityloop_service;
grant select, insert, update, delete on tested to cityloop_service;
grant delete on tested_count, people_count to cityloop_service;
grant select on screening_round to cityloop_staff;
