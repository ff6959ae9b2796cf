-- What a sampling site is besides its place and hours, and who changed it.
alter table sampling_site
  add column kind text not null default 'fixed' constraint site_kind check (kind in ('fixed', 'convenience', 'mobile')),
  add column setting text constraint site_setting check (setting in ('community', 'office', 'park', 'building_site', 'school', 'transport', 'other')),
  add column pooling text not null default 'pooled' constraint site_pooling check (pooling in ('pooled', 'single', 'both')),
  add column desks smallint not null default 1 constraint site_desks check (desks between 0 and 500),
  add column version integer not null default 1,
  -- What somebody set by hand is not undone by a later edition of a published list.
  add column edited_at timestamptz,
  add column ended_at timestamptz;

-- Every edit with what stood before and after: the record, and the way back.
create table site_change (
  id uuid primary key,
  site_id uuid not null,
  place_code text collate "C" not null,
  version integer not null,
  before jsonb,
  after jsonb not null,
  reason text not null,
  actor_id text not null,
  actor_name text not null,
  at timestamptz not null
);
create unique index site_change_version on site_change (site_id, version);

-- People sampled at a site by minute of city time; counted seconds behind the sealing, kept for days.
create table site_minute (
  site_id uuid not null,
  minute timestamptz not null,
  people integer not null,
  primary key (site_id, minute)
);
create index site_minute_at on site_minute (minute);

-- How many stand in line, as somebody at the table counted.
create table site_queue (
  id uuid primary key,
  site_id uuid not null,
  people integer not null constraint queue_people check (people between 0 and 20000),
  desks smallint constraint queue_desks check (desks between 0 and 500),
  actor_id text not null,
  at timestamptz not null
);
create index site_queue_newest on site_queue (site_id, at desc);
create index site_queue_at on site_queue (at);

-- A time for a building, so that nobody waits outside.
create table site_slot (
  id uuid primary key,
  plan_id uuid not null,
  site_id uuid not null,
  place_code text collate "C" not null,
  building text,
  people integer not null constraint slot_people check (people > 0),
  from_at timestamptz not null,
  to_at timestamptz not null,
  actor_id text not null,
  made_at timestamptz not null,
  constraint slot_lasts check (to_at > from_at)
);
create index site_slot_place on site_slot (place_code, from_at);
create index site_slot_site on site_slot (site_id, from_at);
create index site_slot_plan on site_slot (plan_id);

-- What was proposed so that more people have a site within fifteen minutes' walk; accepted ones are orders.
create table site_suggestion (
  id uuid primary key,
  run_id uuid not null,
  kind text not null constraint suggestion_kind check (kind in ('open', 'extend', 'move', 'desks', 'mobile')),
  place_code text collate "C" not null,
  site_id uuid,
  lng double precision not null,
  lat double precision not null,
  -- For which hour, and from where a site that moves would come.
  hour timestamptz not null,
  effect jsonb not null,
  state text not null default 'open' constraint suggestion_state check (state in ('open', 'accepted', 'dismissed')),
  order_id uuid,
  decided_by text,
  decided_at timestamptz,
  made_at timestamptz not null,
  constraint suggestion_decided check ((state = 'open') = (decided_at is null)),
  constraint suggestion_order check ((state = 'accepted') = (order_id is not null))
);
create index site_suggestion_newest on site_suggestion (place_code, made_at desc);
create index site_suggestion_run on site_suggestion (run_id);

do $$
declare t text;
begin
  foreach t in array array['site_change', 'site_slot', 'site_suggestion'] loop
    execute format('alter table %I enable row level security', t);
    execute format('create policy service on %I to cityloop_service using (true) with check (true)', t);
    execute format('create policy staff on %I for select to cityloop_staff using (place_code >= current_setting(''cityloop.lo'') and place_code < current_setting(''cityloop.hi'') and cityloop_covers(place_code))', t);
    execute format('grant select on %I to cityloop_staff', t);
  end loop;
end $$;
grant select, insert on site_change to cityloop_service;
grant select, insert, update, delete on site_minute, site_queue, site_slot, site_suggestion to cityloop_service;
