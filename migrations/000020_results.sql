-- What was in a tube. One row a tube: a person's result is looked up through who was in it, never copied.
create table result (
  tube text collate "C" primary key,
  id uuid not null,
  outcome text not null constraint result_outcome check (outcome in ('negative', 'positive', 'inconclusive', 'invalid')),
  lab text not null,
  place_code text collate "C" not null,
  tested_at timestamptz not null,
  received_at timestamptz not null,
  source text not null constraint result_source check (source in ('form', 'csv', 'xlsx', 'fhir')),
  actor_id text not null,
  -- Set when two people replaced what stood; the earlier outcome stays in the hold.
  corrected_at timestamptz
);
create index result_received on result (received_at desc);
create index result_lab on result (lab, received_at desc);
alter table result enable row level security;
create policy service on result to cityloop_service using (true) with check (true);
create policy staff on result for select to cityloop_staff
  using (place_code >= current_setting('cityloop.lo') and place_code < current_setting('cityloop.hi') and cityloop_covers(place_code));

-- A second result that says otherwise: held until two people of the laboratory agree which stands.
create table result_hold (
  id uuid primary key,
  tube text collate "C" not null,
  place_code text collate "C" not null,
  lab text not null,
  stands text not null,
  said text not null constraint hold_said check (said in ('negative', 'positive', 'inconclusive', 'invalid')),
  tested_at timestamptz not null,
  source text not null,
  actor_id text not null,
  at timestamptz not null,
  state text not null default 'open' constraint hold_state check (state in ('open', 'kept', 'replaced')),
  proposal text constraint hold_proposal check (proposal in ('kept', 'replaced')),
  proposal_reason text,
  proposed_by text,
  proposed_at timestamptz,
  decided_by text,
  decided_at timestamptz,
  constraint hold_two_people check (decided_by is null or (proposed_by is not null and decided_by <> proposed_by)),
  constraint hold_decided check ((state = 'open') = (decided_by is null)),
  constraint hold_differs check (stands <> said)
);
create index result_hold_tube on result_hold (tube);
create index result_hold_open on result_hold (lab, at) where state = 'open';

-- Whom a positive, inconclusive or invalid tube calls back, and with whom they live. `id` is the order's.
create table recall (
  id uuid primary key,
  tube text collate "C" not null,
  person_id uuid not null,
  place_code text collate "C" not null,
  why text not null constraint recall_why check (why in ('positive', 'inconclusive', 'invalid')),
  household uuid[] not null,
  opened_at timestamptz not null,
  -- The single tube that was taken afterwards.
  answered_by text collate "C",
  answered_at timestamptz
);
create index recall_person on recall (person_id);
create index recall_tube on recall (tube);
create index recall_open on recall (opened_at) where answered_at is null;
alter table recall enable row level security;
create policy service on recall to cityloop_service using (true) with check (true);
create policy staff on recall for select to cityloop_staff
  using (place_code >= current_setting('cityloop.lo') and place_code < current_setting('cityloop.hi') and cityloop_covers(place_code));

-- What the centre found after a positive single tube: theirs is the answer, recorded once. `id` is the order's.
create table finding (
  id uuid primary key,
  tube text collate "C" not null,
  person_id uuid not null,
  place_code text collate "C" not null,
  outcome text constraint finding_outcome check (outcome in ('confirmed', 'asymptomatic', 'negative')),
  note_sealed text,
  found_by text,
  found_at timestamptz,
  opened_at timestamptz not null,
  constraint finding_found check ((outcome is null) = (found_at is null) and (outcome is null) = (found_by is null))
);
create index finding_person on finding (person_id);
create index finding_tube on finding (tube);
alter table finding enable row level security;
create policy service on finding to cityloop_service using (true) with check (true);
create policy staff on finding for select to cityloop_staff
  using (place_code >= current_setting('cityloop.lo') and place_code < current_setting('cityloop.hi') and cityloop_covers(place_code));

grant select, insert, update on result, result_hold, recall, finding to cityloop_service;
grant select on result, recall, finding to cityloop_staff;

-- A positive tube is said aloud once, not once a member.
alter table alarm drop constraint alarm_kind_check;
alter table alarm add constraint alarm_kind_check check (kind in ('urgent', 'overdue', 'ownerless', 'glass', 'positive'));
alter table alarm drop constraint alarm_order_unless_glass;
alter table alarm add constraint alarm_order_unless_glass check (order_id is not null or kind in ('glass', 'positive'));
