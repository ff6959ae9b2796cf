-- What waits at the desk is two states now, received and accepted. Two values of a leading column lose the order of the
-- list, and the planner sorted or walked the district's whole queue for a page (p95 168 ms among a million orders).
create index work_order_waiting_city on work_order (due_at, id) where open and state in ('received', 'accepted');
create index work_order_waiting_district on work_order (district, due_at, id) where open and state in ('received', 'accepted');
create index work_order_waiting_subdistrict on work_order (subdistrict, due_at, id) where open and state in ('received', 'accepted');
