-- Roles that hold no login: a connection takes one with `set role`. Row-level security speaks of them.
do $$
begin
  if not exists (select from pg_roles where rolname = 'cityloop_service') then create role cityloop_service nologin; end if;
  if not exists (select from pg_roles where rolname = 'cityloop_staff') then create role cityloop_staff nologin; end if;
  if not exists (select from pg_roles where rolname = 'cityloop_resident') then create role cityloop_resident nologin; end if;
end $$;
grant cityloop_service, cityloop_staff, cityloop_resident to current_user;
grant cityloop_staff, cityloop_resident to cityloop_service;
grant usage on schema public to cityloop_service, cityloop_staff, cityloop_resident;

create table city_clock (
  one boolean primary key default true check (one),
  wall_at timestamptz not null,
  city_at timestamptz not null,
  speed double precision not null check (speed > 0)
);

-- Append-only: nobody is granted update or delete, and the trigger refuses the owner too.
create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  actor_kind text not null,
  actor_id text not null,
  action text not null,
  subject text not null,
  place_code text collate "C",
  data jsonb not null default '{}'
);
create index audit_subject on audit (subject, id);

create function audit_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'the audit is append-only' using errcode = '42501';
end $$;
create trigger audit_append_only before update or delete or truncate on audit
  for each statement execute function audit_is_append_only();

-- The per-row half of a jurisdiction of several prefixes; one prefix is wholly said by cityloop.lo and cityloop.hi.
create function cityloop_covers(code text) returns boolean
language sql stable parallel safe as $$
  select coalesce(current_setting('cityloop.places', true), '') = ''
      or exists (select from unnest(string_to_array(current_setting('cityloop.places', true), ',')) p where code ^@ p)
$$;

grant select, insert, update on city_clock to cityloop_service;
grant select, insert on audit to cityloop_service;
grant insert on audit to cityloop_staff, cityloop_resident;

-- The job queue belongs to the owner; everybody else may put a job in and nothing more.
create function cityloop_follow(task text, payload json) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform graphile_worker.add_job(task, payload := payload, max_attempts := 12);
end $$;
revoke all on function cityloop_follow(text, json) from public;
grant execute on function cityloop_follow(text, json) to cityloop_service;
