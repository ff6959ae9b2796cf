-- An appeal is an order (same id) about a decision. What the person wrote is sealed; the answer's reasons are for them.
create table appeal (
  id uuid primary key,
  decision_id uuid not null,
  person_id uuid not null,
  place_code text collate "C" not null,
  text_sealed text not null,
  filed_at timestamptz not null,
  answer text check (answer in ('changed', 'confirmed')),
  answer_reasons text,
  answered_by text,
  answered_name text,
  answered_at timestamptz,
  -- The decision that stands instead, where the answer changed it.
  new_decision_id uuid,
  constraint appeal_answered check (
    (answer is null) = (answered_at is null)
    and (answer is null or (coalesce(answer_reasons, '') <> '' and answered_by is not null))
    and (coalesce(answer = 'changed', false)) = (new_decision_id is not null)
  )
);
create index appeal_decision on appeal (decision_id, answered_at);
create index appeal_person on appeal (person_id, filed_at desc);
create index appeal_place on appeal (place_code, filed_at desc);
alter table appeal enable row level security;
create policy service on appeal to cityloop_service using (true) with check (true);
create policy staff on appeal for select to cityloop_staff
  using (place_code >= current_setting('cityloop.lo') and place_code < current_setting('cityloop.hi') and cityloop_covers(place_code));
create policy resident on appeal for select to cityloop_resident using (person_id = current_setting('cityloop.person')::uuid);
grant select, insert, update on appeal to cityloop_service;
grant select on appeal to cityloop_staff, cityloop_resident;
