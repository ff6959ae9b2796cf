-- The chain of custody: session (where sampling happens) → box → tube → person. A result belongs to a tube.
create table sampling_session (
  id uuid primary key,
  site_id uuid,
  -- The compound whose people are sampled: set before the first tube, since the registered address alone never counts.
  place_code text collate "C" not null,
  address text not null,
  actor_id text not null,
  opened_at timestamptz not null,
  closed_at timestamptz
);
create index sampling_session_place on sampling_session (place_code, opened_at desc);
alter table sampling_session enable row level security;
create policy service on sampling_session to cityloop_service using (true) with check (true);
create policy staff on sampling_session for select to cityloop_staff
  using (place_code >= current_setting('cityloop.lo') and place_code < current_setting('cityloop.hi') and cityloop_covers(place_code));

-- One row a sealed tube. The label is the key: the same tube can never hold two truths.
create table tube (
  code text collate "C" primary key,
  client_id uuid not null,
  -- Of members and all else that was sealed in: the same again is harmless, anything else is a second claim.
  content_hash text not null,
  kind smallint not null constraint tube_kind check (kind in (1, 5, 10, 20)),
  members smallint not null constraint tube_members check (members between 1 and kind),
  session_id uuid not null,
  place_code text collate "C" not null,
  box text collate "C",
  state text not null default 'sealed' constraint tube_state check (state in ('sealed', 'boxed', 'collected', 'received', 'rejected', 'tested', 'destroyed')),
  sealed_at timestamptz not null,
  received_at timestamptz not null,
  -- The device's clock could not be true; sealed_at is when the tube reached us.
  clock_doubted boolean not null default false,
  actor_id text not null
);
create index tube_session on tube (session_id);
create index tube_box on tube (box) where box is not null;
alter table tube enable row level security;
create policy service on tube to cityloop_service using (true) with check (true);
create policy staff on tube for select to cityloop_staff
  using (place_code >= current_setting('cityloop.lo') and place_code < current_setting('cityloop.hi') and cityloop_covers(place_code));

-- Who is in which tube. Partitions by the day on which the tube reached us; whole days are dropped by age.
create table sample (
  person_id uuid not null,
  tube text collate "C" not null,
  n smallint not null,
  day date not null,
  primary key (person_id, tube, day)
) partition by range (day);
create index sample_tube on sample (tube);
create table sample_rest partition of sample default;

-- What two devices say of one tube, or one device twice and differently: kept, for whoever settles it.
create table tube_claim (
  id uuid primary key,
  tube text collate "C" not null,
  place_code text collate "C" not null,
  -- The members that the second claim names, and its times.
  claim jsonb not null,
  actor_id text not null,
  at timestamptz not null
);
create index tube_claim_tube on tube_claim (tube);

create table sample_box (
  code text collate "C" primary key,
  client_id uuid not null,
  content_hash text not null,
  session_id uuid not null,
  place_code text collate "C" not null,
  lab text,
  state text not null default 'packed' constraint box_state check (state in ('packed', 'collected', 'received')),
  packed_at timestamptz not null,
  actor_id text not null
);
create index sample_box_lab on sample_box (lab, state) where lab is not null;
create index sample_box_place on sample_box (place_code, packed_at desc);
alter table sample_box enable row level security;
create policy service on sample_box to cityloop_service using (true) with check (true);
create policy staff on sample_box for select to cityloop_staff
  using (place_code >= current_setting('cityloop.lo') and place_code < current_setting('cityloop.hi') and cityloop_covers(place_code));

-- Everything after the sealing, of a tube or of the box that it lies in.
create table custody_event (
  id uuid primary key,
  tube text collate "C",
  box text collate "C",
  kind text not null constraint custody_kind check (kind in ('boxed', 'collected', 'received', 'contested', 'rejected', 'tested', 'destroyed')),
  lab text,
  note text,
  actor_id text not null,
  actor_name text not null,
  at timestamptz not null,
  constraint custody_of_something check (num_nonnulls(tube, box) = 1)
);
create index custody_event_tube on custody_event (tube, at) where tube is not null;
create index custody_event_box on custody_event (box, at) where box is not null;

grant select, insert, update on sampling_session, tube, sample_box to cityloop_service;
grant select, insert on tube_claim, custody_event to cityloop_service;
grant select, insert, update, delete on sample to cityloop_service;
grant select on sampling_session, tube, sample_box to cityloop_staff;

-- Partitions belong to the owner of the schema; the service asks for a day by this door and can do nothing else.
create function cityloop_sample_day(name text, from_day date, to_day date) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if name !~ '^sample_[0-9]{8}$' or to_day <> from_day + 1 then raise exception 'not a day'; end if;
  if to_regclass('public.' || name) is not null then return; end if;
  -- What came in early or late lies in the rest; a day that has begun there stays there.
  if exists (select from sample_rest where day >= from_day and day < to_day) then return; end if;
  execute format('create table %I partition of sample for values from (%L) to (%L)', name, from_day, to_day);
  execute format('grant select, insert, update, delete on %I to cityloop_service', name);
end $$;
create function cityloop_drop_sample_days(before date) returns integer
language plpgsql security definer set search_path = public, pg_temp as $$
declare r record; n integer := 0;
begin
  for r in select inhrelid::regclass::text as name from pg_inherits where inhparent = 'sample'::regclass loop
    if r.name ~ '^sample_[0-9]{8}$' and to_date(right(r.name, 8), 'YYYYMMDD') < before then
      execute format('drop table %I', r.name);
      n := n + 1;
    end if;
  end loop;
  delete from sample_rest where day < before;
  return n;
end $$;
revoke all on function cityloop_sample_day(text, date, date), cityloop_drop_sample_days(date) from public;
grant execute on function cityloop_sample_day(text, date, date), cityloop_drop_sample_days(date) to cityloop_service;
