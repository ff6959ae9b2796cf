-- A search for suggestions: what was asked, how far it is, and what it found; the suggestions name it.
create table site_run (
  id uuid primary key,
  place_code text collate "C" not null,
  hour timestamptz not null,
  openings integer not null constraint run_openings check (openings between 0 and 500),
  teams integer not null constraint run_teams check (teams between 0 and 500),
  state text not null default 'running' constraint run_state check (state in ('running', 'done', 'failed')),
  districts integer not null,
  done integer not null default 0,
  people bigint not null default 0,
  covered bigint not null default 0,
  -- With all suggestions, and at most with so many openings and teams (of the relaxation).
  would_cover bigint not null default 0,
  bound bigint not null default 0,
  greedy integer not null default 0,
  actor_id text not null,
  made_at timestamptz not null,
  beat_at timestamptz not null default now()
);
create index site_run_newest on site_run (place_code, made_at desc);
alter table site_run enable row level security;
create policy service on site_run to cityloop_service using (true) with check (true);
create policy staff on site_run for select to cityloop_staff
  using (place_code >= current_setting('cityloop.lo') and place_code < current_setting('cityloop.hi') and cityloop_covers(place_code));
grant select, insert, update, delete on site_run to cityloop_service;
grant select on site_run to cityloop_staff;
