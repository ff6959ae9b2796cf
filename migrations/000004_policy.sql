create table policy_pack (
  id text primary key,
  version text not null,
  body jsonb not null,
  hash text not null,
  in_force_from timestamptz not null,
  loaded_at timestamptz not null
);

-- Why something was decided: pack, clause, evidence and issuer are not a habit but a constraint.
create table decision (
  id uuid primary key,
  kind text not null,
  subject_id uuid not null,
  place_code text collate "C" not null,
  outcome jsonb not null,
  reasons jsonb not null check (jsonb_array_length(reasons) > 0),
  evidence jsonb not null,
  pack_id text not null,
  clause text not null check (clause <> ''),
  issuer text not null check (issuer <> ''),
  decided_at timestamptz not null
);
create index decision_subject on decision (subject_id, decided_at);
alter table decision enable row level security;
create policy service on decision to cityloop_service using (true) with check (true);
create policy staff on decision for select to cityloop_staff
  using (place_code >= current_setting('cityloop.lo') and place_code < current_setting('cityloop.hi') and cityloop_covers(place_code));

grant select, insert on policy_pack, decision to cityloop_service;
grant update on policy_pack to cityloop_service;
grant select on policy_pack, decision to cityloop_staff;
grant select on policy_pack to cityloop_resident;
