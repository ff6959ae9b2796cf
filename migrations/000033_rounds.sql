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

-- How the counts of who lives where change, written with each change of the register by a trigger of the statement, so that
-- counting follows what changed: walking through everybody each minute took 3 to 4.5 s among a million on a busy machine.
-- The occupation stands as the register says it; whoever folds the steps groups it as the pack's plans name it.
create table people_step (
  id bigint generated always as identity primary key,
  place_code text collate "C" not null,
  occupation text not null,
  n integer not null
);
create function person_counted() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into people_step (place_code, occupation, n)
    select left(place_code, 15), coalesce(occupation, ''), count(*) from fresh
    where erased_at is null and merged_into is null group by 1, 2;
  elsif tg_op = 'DELETE' then
    insert into people_step (place_code, occupation, n)
    select left(place_code, 15), coalesce(occupation, ''), -count(*) from stale
    where erased_at is null and merged_into is null group by 1, 2;
  else
    insert into people_step (place_code, occupation, n)
    select place_code, occupation, sum(n) from (
      select left(place_code, 15) as place_code, coalesce(occupation, '') as occupation, 1 as n from fresh where erased_at is null and merged_into is null
      union all
      select left(place_code, 15), coalesce(occupation, ''), -1 from stale where erased_at is null and merged_into is null
    ) c group by 1, 2 having sum(n) <> 0;
  end if;
  return null;
end $$;
create trigger person_came after insert on person referencing new table as fresh for each statement execute function person_counted();
create trigger person_changed after update on person referencing old table as stale new table as fresh for each statement execute function person_counted();
create trigger person_went after delete on person referencing old table as stale for each statement execute function person_counted();
-- By which occupations the counts are kept; null asks for a walk through everybody, once.
create table people_mark (
  one boolean primary key default true check (one),
  occupations text[]
);
insert into people_mark default values;
grant select, insert, delete on people_step to cityloop_service;
grant select, update on people_mark to cityloop_service;
