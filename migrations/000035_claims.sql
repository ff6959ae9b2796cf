-- A second claim of a tube is settled once, by whoever handles its order (`order_id`), with a reason.
alter table tube_claim
  add column order_id uuid,
  add column settlement_id uuid,
  add column outcome text constraint claim_outcome check (outcome in ('same_people', 'sample_again')),
  add column reason_sealed text,
  add column settled_by text,
  add column settled_by_name text,
  add column settled_at timestamptz,
  add constraint claim_settled check (num_nonnulls(settlement_id, outcome, reason_sealed, settled_by, settled_by_name, settled_at) in (0, 6));
grant update on tube_claim to cityloop_service;
