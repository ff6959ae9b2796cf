-- Samplers are counted like couriers and stock.
alter table screening_resource drop constraint resource_kind;
alter table screening_resource add constraint resource_kind check (kind in ('tubes', 'boxes', 'couriers', 'samplers'));
