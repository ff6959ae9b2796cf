-- Every content that was ever put in force or proposed, whole (parts and dictionary taken in), named by its hash. A
-- decision names the hash, so it can be made again from what held then.
create table policy_version (
  hash text primary key,
  pack_id text not null,
  version text not null,
  -- An overlay says which pack it lies over and for which place; a city's pack has neither.
  over_id text,
  place_code text collate "C" not null,
  title jsonb not null,
  body jsonb not null,
  kept_at timestamptz not null
);
create index policy_version_id on policy_version (pack_id, kept_at);

-- When a content held, and by whose two signatures. City time.
create table policy_enactment (
  id uuid primary key,
  hash text not null,
  pack_id text not null,
  over_id text,
  place_code text collate "C" not null,
  in_force_from timestamptz not null,
  until timestamptz,
  reason text not null check (reason <> ''),
  proposed_by text not null,
  proposed_name text not null,
  proposed_at timestamptz not null,
  signed_by text,
  signed_name text,
  signed_at timestamptz,
  withdrawn_at timestamptz,
  retraction_reason text,
  retraction_by text,
  retraction_name text,
  retraction_at timestamptz,
  retracted_by text,
  retracted_name text,
  retracted_at timestamptz,
  constraint enactment_signed check ((signed_by is null) = (signed_at is null)),
  constraint enactment_two_people check (signed_by is null or signed_by <> proposed_by),
  constraint enactment_retracted check ((retracted_by is null) = (retracted_at is null) and (retracted_by is null or signed_by is not null)),
  constraint retraction_two_people check (retracted_by is null or (retraction_by is not null and retracted_by <> retraction_by)),
  constraint enactment_withdrawn_unsigned check (withdrawn_at is null or signed_by is null),
  constraint enactment_ends_after check (until is null or until > in_force_from)
);
create index policy_enactment_from on policy_enactment (place_code, in_force_from);
grant select, insert on policy_version to cityloop_service;
grant select, insert, update on policy_enactment to cityloop_service;

insert into policy_version (hash, pack_id, version, place_code, title, body, kept_at)
  select hash, id, version, '31', body -> 'title', jsonb_build_object('before', body), loaded_at from policy_pack;

-- A decision carries what it was made from and by whom, and what limits somebody carries basis, end and way to appeal.
alter table decision
  add column person_id uuid,
  add column pack_version text,
  add column pack_hash text,
  add column overlay_hashes text[] not null default '{}',
  -- What the rule looked at, sealed: it may hold what a person said. Gone when the person is forgotten.
  add column evidence_sealed text,
  add column restricts boolean not null default false,
  add column legal_basis text,
  add column valid_until timestamptz,
  -- The decision that this one takes the place of, after an appeal.
  add column instead_of uuid;
update decision d set pack_version = p.version, pack_hash = p.hash from policy_pack p where p.id = d.pack_id;
update decision set pack_version = '0.0.0', pack_hash = 'unknown' where pack_hash is null;
alter table decision
  alter column pack_version set not null,
  alter column pack_hash set not null,
  add constraint decision_evidence_there check (evidence <> '{}'::jsonb and evidence <> 'null'::jsonb),
  add constraint decision_restriction_founded check (not restricts or coalesce(legal_basis <> '' and valid_until > decided_at and person_id is not null, false));
-- The newest of a person, and the newest of a kind (what a draft would change).
create index decision_person on decision (person_id, decided_at desc, id desc);
create index decision_kind on decision (kind, decided_at desc);
create index decision_at on decision (decided_at desc, id desc);
create policy resident on decision for select to cityloop_resident using (person_id = current_setting('cityloop.person')::uuid);
grant select on decision to cityloop_resident;
-- Keys are rotated and people forgotten (their words go from the reasons too); nobody rewrites what was decided.
grant update (evidence_sealed, reasons) on decision to cityloop_service;

drop table policy_pack;
