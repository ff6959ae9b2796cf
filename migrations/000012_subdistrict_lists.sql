-- A subdistrict's list by state or by element: without these the planner sorts its whole open queue for each page
-- (p95 19 ms among a million orders).
create index work_order_state_subdistrict on work_order (subdistrict, state, due_at, id) where open;
create index work_order_element_subdistrict on work_order (subdistrict, element, due_at, id) where open;
