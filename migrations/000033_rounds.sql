-- How many did what they owed in the last minutes, in steps of five: the pace by which a round ends. Only of the last hour.
-- nth: 0 is a sample, else which self-test of the day.
create table done_pace (
  place_code text collate "C" not null,
  occupation text not null,
  nth smallint not null,
  slot timestamptz not null,
  n integer not null,
  primary key (place_code, occupation, nth, slot)
);
grant select, insert, update, delete on done_pace to cityloop_service;

-- Whoever is called back and has not given what is asked, by where they live; `tested` of them today, so no longer missing
-- by a plan. Counted anew every few seconds from the recalls that are open.
create table recall_count (
  place_code text collate "C" not null,
  occupation text not null,
  n integer not null,
  tested integer not null,
  primary key (place_code, occupation)
);
grant select, insert, update, delete on recall_count to cityloop_service;

-- What a round means to reach each day: so many percent of what is owed, by so many o'clock. Null in rounds that were opened
-- before there were targets: the pack's number holds.
alter table screening_round
  add column target_percent smallint constraint round_target_percent check (target_percent between 1 and 100),
  add column target_hour smallint constraint round_target_hour check (target_hour between 1 and 24);

-- The post of whoever opened it, as residents read it: a role, at a place. Null in rounds opened before it was kept.
alter table screening_round
  add column opened_as text,
  add column opened_at_place text collate "C";

-- Of the birth date the month stands beside the year, never the day: by the year alone a child of 23 months was a newborn.
-- Whoever was registered before has none, and is said to be known by year.
alter table person
  add column birth_month smallint constraint person_birth_month check (birth_month is null or birth_month between 1 and 12 and birth_year is not null),
  -- When somebody whom the register lacked was first met at a sampling table; null for whoever came from a register.
  add column met_at timestamptz;
alter table person_import_row add column birth_month smallint;
create index person_met on person (place_code) where met_at is not null;
