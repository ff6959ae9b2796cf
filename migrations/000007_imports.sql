create table sampling_site (
  id uuid primary key,
  place_code text collate "C" not null,
  name text not null,
  address text not null,
  lng double precision not null,
  lat double precision not null,
  rules jsonb,
  hours_text text not null,
  source text not null,
  imported_at timestamptz not null
);
create index sampling_site_place on sampling_site (place_code);

create table hospital (
  id uuid primary key,
  place_code text collate "C" not null,
  name text not null,
  address text not null,
  lng double precision not null,
  lat double precision not null,
  emergency text not null,
  detail jsonb not null,
  source text not null,
  imported_at timestamptz not null
);
create index hospital_place on hospital (place_code);

-- Published days of an epidemic: figures and affected addresses, as published. Inconsistencies stay.
create table history_figure (
  source text not null,
  day date not null,
  place_code text collate "C" not null,
  metric text not null,
  count integer not null,
  primary key (source, day, place_code, metric)
);
create index history_figure_day on history_figure (day, place_code);

create table history_address (
  id uuid primary key,
  day date not null,
  district_code text collate "C" not null,
  place_code text collate "C" not null,
  address text not null,
  source text not null
);
create index history_address_day on history_address (day, district_code);

create table import_run (
  id uuid primary key,
  kind text not null,
  file text not null,
  content_hash text not null,
  counts jsonb not null,
  inconsistencies jsonb not null,
  at timestamptz not null,
  actor_id text not null
);

grant select, insert, update on sampling_site, hospital, history_figure, history_address, import_run to cityloop_service;
grant delete on history_address to cityloop_service;
grant select on sampling_site, hospital, history_figure, history_address, import_run to cityloop_staff;
grant select on sampling_site, hospital to cityloop_resident;
