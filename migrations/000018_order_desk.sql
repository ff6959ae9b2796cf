-- What waits at the desk is two states now, received and accepted. Two values of a leading column lose the order of the
-- list, and the planner sorted or walked the district's whole queue for a page (p95 168 ms among a million orders).
create index work_order_waiting_city on work_order (due_at, id) where open and state in ('received', 'accepted');
create index work_order_waiting_district on work_order (district, due_at, id) where open and state in ('received', 'accepted');
create index work_order_waiting_subdistrict on work_order (subdistrict, due_at, id) where open and state in ('received', 'accepted');
-- Shelves of the supervision board that are few among many: without these each look walked every open order.
create index work_order_returned on work_order (due_at, id) where open and returns > 0;
create index work_order_redone on work_order (opened_at desc, id desc) where redos > 0;
