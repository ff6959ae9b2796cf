create table place (
  code text collate "C" primary key,
  kind text not null check (kind in ('city', 'district', 'subdistrict', 'neighbourhood', 'compound', 'building', 'entrance', 'floor', 'room')),
  name text not null,
  parent_code text collate "C",
  lng double precision,
  lat double precision,
  radius_m integer,
  population integer,
  area_km2 double precision,
  simulated boolean not null default false,
  constraint place_kind_fits_code check (
    kind = case length(code) when 2 then 'city' when 6 then 'district' when 9 then 'subdistrict' when 12 then 'neighbourhood'
      when 15 then 'compound' when 18 then 'building' when 19 then 'entrance' when 21 then 'floor' when 23 then 'room' end)
);
create index place_parent on place (parent_code, code);
grant select on place to cityloop_service, cityloop_staff, cityloop_resident;
grant insert, update on place to cityloop_service;
