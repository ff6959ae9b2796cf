-- What somebody said to the city, as they said it. The text is sealed: it tells of illness and names people.
create table request (
  id uuid primary key,
  channel text not null check (channel in ('phone', 'web', 'app', 'partner', 'district', 'subdistrict')),
  call_id uuid,
  person_id uuid,
  place_code text collate "C" not null,
  address_sealed text,
  text_sealed text not null,
  understanding jsonb not null,
  received_at timestamptz not null,
  content_hash text not null,
  simulated boolean not null default false
);
create index request_person on request (person_id, received_at desc);
create index request_place on request (place_code, received_at desc);
create index request_received on request (received_at desc);
alter table request enable row level security;
create policy service on request to cityloop_service using (true) with check (true);
create policy staff on request for select to cityloop_staff
  using (place_code >= current_setting('cityloop.lo') and place_code < current_setting('cityloop.hi') and cityloop_covers(place_code));
create policy resident on request for select to cityloop_resident using (person_id = current_setting('cityloop.person')::uuid);

-- Calls and requests are different units: one call may hold no request or several.
create table call (
  id uuid primary key,
  line text not null,
  place_code text collate "C" not null,
  answered boolean not null,
  at timestamptz not null,
  agent_id text not null
);
create index call_at on call (at);
alter table call enable row level security;
create policy service on call to cityloop_service using (true) with check (true);
create policy staff on call for select to cityloop_staff
  using (place_code >= current_setting('cityloop.lo') and place_code < current_setting('cityloop.hi') and cityloop_covers(place_code));

grant select, insert on request, call to cityloop_service;
grant update on request to cityloop_service;
grant select on request, call to cityloop_staff;
grant select on request to cityloop_resident;
