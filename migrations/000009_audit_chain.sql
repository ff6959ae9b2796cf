-- Each line of the audit is chained to the one chained before it, within seconds, by a routine: a chain inside the
-- transaction of what it speaks of would hold the whole city to about 1,100 writes a second. `seq` is the order of
-- the chain; lines that commit late come later.
create table audit_chain (
  seq bigint primary key,
  audit_id bigint not null,
  hash text not null
);
create unique index audit_chain_line on audit_chain (audit_id, seq);
create trigger audit_chain_append_only before update or delete or truncate on audit_chain
  for each statement execute function audit_is_append_only();
grant select, insert on audit_chain to cityloop_service;
