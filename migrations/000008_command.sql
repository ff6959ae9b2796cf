-- What was said aloud: an urgent order opened, a clock that ran out. Kept so that nobody can say they were not told.
create table alarm (
  id uuid primary key,
  at timestamptz not null,
  kind text not null check (kind in ('urgent', 'overdue')),
  title text not null,
  place_code text collate "C" not null,
  order_id uuid not null
);
create index alarm_at on alarm (at desc);
create index alarm_place on alarm (place_code, at desc);
alter table alarm enable row level security;
create policy service on alarm to cityloop_service using (true) with check (true);
create policy staff on alarm for select to cityloop_staff
  using (place_code >= current_setting('cityloop.lo') and place_code < current_setting('cityloop.hi') and cityloop_covers(place_code));
grant select, insert on alarm to cityloop_service;
grant select on alarm to cityloop_staff;
