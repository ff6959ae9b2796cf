-- Where tubes wait, and how fast they go on. Whatever moves tubes writes one line for all of the same kind in its own
-- transaction; a routine folds the lines into counts. A million tubes are some thousand cells, so a question is answered
-- without looking at a tube. Sealing writes nothing more: new tubes are taken by their transaction (`tube.xact`).
create table tube_step (
  id bigint generated always as identity primary key,
  -- Subdistrict.
  place_code text collate "C" not null,
  -- Where the tubes are or are bound for, before and after; empty where nobody said.
  lab_before text collate "C" not null,
  lab_after text collate "C" not null,
  single boolean not null,
  -- 0 sealed or boxed, 1 collected, 2 received, 3 answered, 4 left without an answer; −1 came into being.
  before smallint not null,
  after smallint not null,
  -- Five minutes that the tubes were sealed in.
  sealed_at timestamptz not null,
  at timestamptz not null,
  n integer not null constraint step_some check (n > 0)
);
create table tube_waiting (
  place_code text collate "C" not null,
  lab text collate "C" not null,
  stage smallint not null constraint waiting_stage check (stage between 0 and 2),
  single boolean not null,
  sealed_at timestamptz not null,
  -- Below zero while a step was folded before the sealing it follows.
  n integer not null,
  primary key (place_code, lab, stage, single, sealed_at)
);
create table tube_passed (
  -- Five minutes in which it happened.
  at timestamptz not null,
  place_code text collate "C" not null,
  lab text collate "C" not null,
  before smallint not null,
  after smallint not null,
  single boolean not null,
  sealed_at timestamptz not null,
  n integer not null,
  primary key (at, place_code, lab, before, after, single, sealed_at)
);
create table backlog_mark (
  one boolean primary key default true check (one),
  xact xid8 not null,
  counted_at timestamptz not null
);
grant select, insert, update, delete on tube_step, tube_waiting, tube_passed to cityloop_service;
grant select, insert, update on backlog_mark to cityloop_service;

-- Which laboratory a box is to go to, where somebody said; whoever receives it has it all the same.
alter table sample_box add column bound_for text collate "C";
create index sample_box_under_way on sample_box (packed_at) where state <> 'received';
alter table custody_event drop constraint custody_kind;
alter table custody_event add constraint custody_kind check (kind in ('boxed', 'collected', 'redirected', 'received', 'contested', 'rejected', 'tested', 'destroyed'));

-- What waits already.
lock table tube in share mode;
insert into tube_step (place_code, lab_before, lab_after, single, before, after, sealed_at, at, n)
select left(t.place_code, 9), '', coalesce(b.lab, ''), t.kind = 1, -1,
  case t.state when 'collected' then 1 when 'received' then 2 else 0 end,
  date_bin('5 minutes', t.sealed_at, 'epoch'), t.received_at, 1
from tube t left join sample_box b on b.code = t.box
where t.state in ('sealed', 'boxed', 'collected', 'received');
insert into backlog_mark (xact, counted_at) values (pg_current_xact_id(), now());

-- What a laboratory can do, as it or its supervisor declared: each declaration stays, the newest that holds counts.
create table lab_capacity (
  id uuid primary key,
  lab text collate "C" not null,
  name text not null,
  place_code text collate "C" not null,
  tubes_per_hour integer not null constraint lab_some check (tubes_per_hour between 0 and 100000),
  pools smallint[] not null,
  -- Minutes of the day; the same twice is around the clock, closing before opening is over midnight.
  opens smallint not null constraint lab_opens check (opens between 0 and 1439),
  closes smallint not null constraint lab_closes check (closes between 0 and 1439),
  valid_from timestamptz not null,
  actor_id text not null,
  actor_name text not null,
  at timestamptz not null
);
create index lab_capacity_lab on lab_capacity (lab, valid_from desc, at desc);

-- Empty tubes and boxes in stock, couriers on duty: counted by whoever has them, each count kept.
create table screening_resource (
  id uuid primary key,
  place_code text collate "C" not null,
  kind text not null constraint resource_kind check (kind in ('tubes', 'boxes', 'couriers')),
  n integer not null constraint resource_some check (n >= 0),
  actor_id text not null,
  actor_name text not null,
  at timestamptz not null
);
create index screening_resource_place on screening_resource (place_code, kind, at desc);

-- A promise that will break by forecast: said once, over when it has been calm for a while.
create table backlog_alarm (
  id uuid primary key,
  -- A laboratory or a district.
  about text collate "C" not null,
  lab text collate "C",
  place_code text collate "C" not null,
  tubes integer not null,
  -- The oldest of them was sealed.
  since timestamptz not null,
  due_at timestamptz not null,
  help_lab text collate "C",
  help_spare integer,
  raised_at timestamptz not null,
  calm_since timestamptz,
  ended_at timestamptz
);
create unique index backlog_alarm_open on backlog_alarm (about) where ended_at is null;
grant select, insert on lab_capacity, screening_resource to cityloop_service;
grant select, insert, update on backlog_alarm to cityloop_service;

-- What the wall counts of a day, without walking through its negatives.
create index result_positive on result (received_at) where outcome = 'positive';
create index finding_found on finding (found_at) where found_at is not null;
create index work_order_recall on work_order (due_at, id) where open and kind = 'recall';

alter table alarm drop constraint alarm_kind_check;
alter table alarm add constraint alarm_kind_check check (kind in ('urgent', 'overdue', 'ownerless', 'glass', 'positive', 'backlog'));
alter table alarm drop constraint alarm_order_unless_glass;
alter table alarm add constraint alarm_order_unless_glass check (order_id is not null or kind in ('glass', 'positive', 'backlog'));
