-- Two rows made one, with every row that was moved, so that undoing gives back exactly these and no others.
create table person_merge (
  id uuid primary key,
  keeper_id uuid not null,
  duplicate_id uuid not null,
  place_code text collate "C" not null,
  actor_id text not null,
  reason_sealed text not null,
  moved jsonb not null,
  filled jsonb not null,
  at timestamptz not null,
  undone_at timestamptz,
  undone_by text,
  constraint person_merge_two check (keeper_id <> duplicate_id)
);
create index person_merge_place on person_merge (place_code, at desc);
create index person_merge_newest on person_merge (at desc, id desc);
create index person_merge_keeper on person_merge (keeper_id);
create index person_merge_duplicate on person_merge (duplicate_id);
alter table person_merge enable row level security;
create policy service on person_merge to cityloop_service using (true) with check (true);
create policy staff on person_merge for select to cityloop_staff
  using (place_code >= current_setting('cityloop.lo') and place_code < current_setting('cityloop.hi') and cityloop_covers(place_code));
grant select, insert, update, delete on person_merge to cityloop_service;
grant select on person_merge to cityloop_staff;

create index person_reveal_person on person_reveal (person_id);
-- A decision is never changed; whom it is about may turn out to be one person with another.
grant update (subject_id, person_id) on decision to cityloop_service;

-- What one person at work did, newest first.
create index audit_actor on audit (actor_id, id);
