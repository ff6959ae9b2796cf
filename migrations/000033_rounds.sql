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
