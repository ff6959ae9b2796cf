-- A person whose time has passed keeps the row, without name or number: orders, decisions and the audit speak of its id.
alter table person add column erased_at timestamptz;
create index person_place_id on person (place_code, id) where erased_at is null;
drop index person_place;
create index person_created on person (created_at) where erased_at is null;

-- Why a name was asked for. The audit says that it was; the words of whoever asked may name people and stand sealed here.
create table person_reveal (
  id uuid primary key,
  person_id uuid not null,
  place_code text collate "C" not null,
  actor_id text not null,
  purpose text not null check (purpose <> ''),
  note_sealed text,
  at timestamptz not null
);
create index person_reveal_at on person_reveal (at);

-- Reading in another jurisdiction for a while (city time). Never deleted before its time: it is what the supervisor reviews.
create table glass_break (
  id uuid primary key,
  account_id uuid not null,
  role text not null,
  unit_id text,
  place_code text collate "C" not null,
  reason_sealed text not null,
  opened_at timestamptz not null,
  until_at timestamptz not null,
  constraint glass_ends check (until_at > opened_at)
);
create index glass_break_account on glass_break (account_id, until_at);
create index glass_break_place on glass_break (place_code, opened_at desc);
create index glass_break_opened on glass_break (opened_at desc, id desc);
alter table glass_break enable row level security;
create policy service on glass_break to cityloop_service using (true) with check (true);
create policy staff on glass_break for select to cityloop_staff
  using (place_code >= current_setting('cityloop.lo') and place_code < current_setting('cityloop.hi') and cityloop_covers(place_code));

-- A broken glass is an alarm without an order.
alter table alarm alter column order_id drop not null;
alter table alarm drop constraint alarm_kind_check;
alter table alarm add constraint alarm_kind_check check (kind in ('urgent', 'overdue', 'glass'));
alter table alarm add constraint alarm_order_unless_glass check (order_id is not null or kind = 'glass');

-- "What was read about me": one walk per person, and only lines that speak of a person stand in it.
create index audit_person on audit ((data ->> 'personId'), id) where data ? 'personId';

-- What a text means is forgotten with the text; the order's figures stay.
create index request_kept on request (received_at) where content_hash <> 'erased';

grant select, insert, update, delete on person_reveal to cityloop_service;
grant select, insert, delete on glass_break to cityloop_service;
-- Keys are rotated; nobody makes a broken glass last longer.
grant update (reason_sealed) on glass_break to cityloop_service;
grant select on glass_break to cityloop_staff;
grant delete on call, alarm, machine_key to cityloop_service;

-- Names of residents that stood in clear in the history of their orders; from now on only their masks do.
update order_event set actor_name = left(actor_name, 1) || repeat('*', greatest(1, length(actor_name) - 1))
  where actor_kind = 'resident' and actor_name not like '%*';
