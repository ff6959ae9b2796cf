-- Counts for what each occupation owes: plans of the pack name occupations (`for.occupation`), '' is everybody else.
-- place_code goes down to the compound, so that a round of a single compound is counted too.
alter table people_count add column occupation text not null default '';
alter table people_count drop constraint people_count_pkey;
alter table people_count add primary key (place_code, occupation);
alter table tested_count add column occupation text not null default '';
alter table tested_count drop constraint tested_count_pkey;
alter table tested_count add primary key (day, place_code, occupation);

-- Why a round easily misses somebody, as a neighbourhood knows it; nothing else of anybody's health.
alter table person add column needs text[]
  constraint person_needs check (needs <@ array['bedridden', 'night_shift'] and cardinality(needs) > 0);
alter table person_import_row add column needs text[];

-- A self-test as it was reported. `day` is the city's day of the test.
create table antigen_test (
  person_id uuid not null,
  id uuid not null,
  place_code text collate "C" not null,
  day date not null,
  at timestamptz not null,
  received_at timestamptz not null,
  outcome text not null constraint antigen_outcome check (outcome in ('negative', 'positive', 'invalid')),
  -- Which valid test of the person's day it is; null where it was not valid and counts for nothing.
  nth smallint,
  photo_hash text not null,
  -- The account that reported for somebody else; null is the person themselves.
  staff_id text,
  xact xid8 not null default pg_current_xact_id(),
  primary key (person_id, id),
  constraint antigen_valid check ((nth is null) = (outcome = 'invalid')),
  constraint antigen_not_ahead check (at <= received_at)
);
create index antigen_test_id on antigen_test (id);
create index antigen_test_xact on antigen_test (xact);
create index antigen_test_day on antigen_test (day);
alter table antigen_test enable row level security;
create policy service on antigen_test to cityloop_service using (true) with check (true);
create policy staff on antigen_test for select to cityloop_staff
  using (place_code >= current_setting('cityloop.lo') and place_code < current_setting('cityloop.hi') and cityloop_covers(place_code));

-- The picture, sealed with a key of its own; apart, because it goes earlier than the fact (policies/retention.yaml).
create table antigen_photo (
  person_id uuid not null,
  id uuid not null,
  at timestamptz not null,
  key_sealed text not null,
  body bytea not null,
  type text not null,
  primary key (person_id, id)
);
create index antigen_photo_id on antigen_photo (id);
create index antigen_photo_at on antigen_photo (at);
alter table antigen_photo enable row level security;
create policy service on antigen_photo to cityloop_service using (true) with check (true);

-- How many of a place reported at least `nth` valid tests on a day; follows the reports, seconds behind.
create table antigen_count (
  day date not null,
  place_code text collate "C" not null,
  occupation text not null,
  nth smallint not null,
  n integer not null,
  primary key (day, place_code, occupation, nth)
);
alter table coverage_mark add column antigen_xact xid8 not null default '0';

-- A self-test calls somebody back like a tube does.
alter table recall alter column tube drop not null;
alter table recall add column antigen uuid;
alter table recall add constraint recall_source check ((tube is null) <> (antigen is null));
alter table recall drop constraint recall_why;
alter table recall add constraint recall_why check (why in ('positive', 'inconclusive', 'invalid', 'antigen'));
create index recall_place on recall (place_code) where answered_at is null;

grant select, insert on antigen_test, antigen_photo to cityloop_service;
-- Merging moves a row to the person who is kept; erasing and the end of its time take it away.
grant update (person_id), delete on antigen_test, antigen_photo to cityloop_service;
grant update (key_sealed) on antigen_photo to cityloop_service;
grant select, insert, update, delete on antigen_count to cityloop_service;
grant select on antigen_test to cityloop_staff;
