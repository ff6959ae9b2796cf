-- The rest of an order's life: asked back, reviews, suspension, merging, helpers, cards, comments' notices, attachments.
-- Every new column has a constant default or none, so that a million orders are not rewritten.
alter table work_order
  add column process text,
  add column direct boolean not null default false,
  add column extensions integer not null default 0,
  add column arbitrated boolean not null default false,
  add column nudges integer not null default 0,
  add column nudged_at timestamptz,
  add column supervised_by text,
  add column supervised_since timestamptz,
  add column supervised_until timestamptz,
  add column card text check (card in ('yellow', 'red')),
  add column told_level text check (told_level in ('subdistrict', 'district', 'city')),
  -- What stands still while an order is held: the state it goes back to, and what was left of its clock.
  add column held_state text,
  add column held_kind text,
  add column held_left bigint,
  add column held_working boolean,
  add column held_overdue boolean,
  add column held_by text,
  add column asked_until timestamptz,
  add column merged_at timestamptz;
create index work_order_merged on work_order (merged_into) where merged_into is not null;
create index work_order_supervised on work_order (due_at, id) where open and supervised_by is not null;
create index work_order_card on work_order (due_at, id) where open and card is not null;
-- Rare states at the desk and at the arbiter's: a list of their own instead of a walk through the queue.
create index work_order_review on work_order (due_at, id)
  where open and state in ('return_review', 'extension_review', 'answer_review', 'arbitration', 'incomplete', 'accepted');

-- The pack and clause that a clock began under; a working clock counts working days only. The warning fires once.
alter table order_clock
  add column pack_id text,
  add column clause text,
  add column working boolean not null default false,
  add column warn_at timestamptz,
  add column warned_at timestamptz;
create index order_clock_warning on order_clock (warn_at) where stopped_at is null and warned_at is null and warn_at is not null;

-- A unit's turn with an order: from being sent it to answering or passing it on. What the rates are counted from;
-- recomputed from order_event alone by a test.
create table order_turn (
  order_id uuid not null,
  n integer not null,
  unit_id text not null,
  place_code text collate "C" not null,
  sent_at timestamptz not null,
  sign_due timestamptz,
  signed_at timestamptz,
  handle_due timestamptz,
  resolved_at timestamptz,
  returned_at timestamptz,
  redone_at timestamptz,
  ended_at timestamptz,
  primary key (order_id, n)
);
create index order_turn_unit on order_turn (unit_id, sent_at);
create index order_turn_place on order_turn (place_code, sent_at);
create index order_turn_sent on order_turn (sent_at);

create table order_card (
  order_id uuid not null,
  kind text not null check (kind in ('yellow', 'red')),
  clock text not null,
  run integer not null,
  unit_id text,
  place_code text collate "C" not null,
  at timestamptz not null,
  due_at timestamptz not null,
  pack_id text not null,
  clause text not null,
  reason_zh text not null,
  reason_en text not null,
  primary key (order_id, kind, clock, run)
);
create index order_card_unit on order_card (unit_id, at);
create index order_card_at on order_card (at);

-- What a helper does for the lead. Parts of one step run side by side; the next step begins when they have ended.
create table order_part (
  order_id uuid not null,
  id uuid not null,
  n integer not null,
  step integer not null,
  unit_id text not null,
  task_zh text not null,
  task_en text not null,
  state text not null check (state in ('waiting', 'sent', 'handling', 'answered', 'waived')),
  minutes integer,
  working_days integer,
  started_at timestamptz,
  due_at timestamptz,
  signed_at timestamptz,
  ended_at timestamptz,
  late_at timestamptz,
  answer text,
  waived_reason text,
  primary key (order_id, id),
  constraint order_part_has_deadline check (state not in ('sent', 'handling') or due_at is not null)
);
create index order_part_unit on order_part (unit_id, due_at) where state in ('sent', 'handling');
create index order_part_running on order_part (due_at) where state in ('sent', 'handling') and late_at is null;

create table order_watch (
  order_id uuid not null,
  account_id text not null,
  since timestamptz not null,
  primary key (order_id, account_id)
);
create index order_watch_account on order_watch (account_id, since desc);

-- A word to somebody about an order: mentioned, watched, carded, told as the level above.
create table order_notice (
  order_id uuid not null,
  id uuid not null,
  to_kind text not null check (to_kind in ('unit', 'account')),
  to_id text not null,
  kind text not null,
  at timestamptz not null,
  by_name text not null,
  primary key (order_id, id)
);
create index order_notice_to on order_notice (to_kind, to_id, at desc);

-- Up to when somebody has read what concerns them; watched orders need no rows of their own to be told.
create table order_notice_seen (
  account_id text primary key,
  at timestamptz not null
);

-- The file under a key of its own; only that key is sealed, so a rotation touches 32 bytes and not megabytes.
create table order_attachment (
  order_id uuid not null,
  id uuid not null,
  name_sealed text not null,
  key_sealed text not null,
  body bytea not null,
  type text not null,
  bytes integer not null,
  hash text not null,
  by_kind text not null,
  by_id text not null,
  by_name text not null,
  at timestamptz not null,
  removed_at timestamptz,
  primary key (order_id, id)
);

create index order_attachment_id on order_attachment (id);

create table order_bulk (
  id uuid primary key,
  by_id text not null,
  action text not null,
  order_ids uuid[] not null,
  at timestamptz not null,
  undone_at timestamptz
);
create index order_bulk_by on order_bulk (by_id, at desc);

-- What hangs on an order is seen by who sees the order.
do $$
declare t text;
begin
  foreach t in array array['order_turn', 'order_card', 'order_part', 'order_watch', 'order_notice', 'order_attachment'] loop
    execute format('alter table %I enable row level security', t);
    execute format('create policy service on %I to cityloop_service using (true) with check (true)', t);
    execute format('create policy staff on %I for select to cityloop_staff using (exists (select from work_order o where o.id = order_id))', t);
    execute format('grant select on %I to cityloop_staff', t);
    execute format('grant select, insert, update, delete on %I to cityloop_service', t);
  end loop;
end $$;
alter table order_notice_seen enable row level security;
create policy service on order_notice_seen to cityloop_service using (true) with check (true);
grant select, insert, update on order_notice_seen to cityloop_service;
alter table order_bulk enable row level security;
create policy service on order_bulk to cityloop_service using (true) with check (true);
grant select, insert, update on order_bulk to cityloop_service;

alter table alarm drop constraint alarm_kind_check;
alter table alarm add constraint alarm_kind_check check (kind in ('urgent', 'overdue', 'ownerless', 'glass'));
