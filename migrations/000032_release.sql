-- A laboratory lets go of a box that it received and is not its own.
alter table custody_event drop constraint custody_kind;
alter table custody_event add constraint custody_kind check (kind in ('boxed', 'collected', 'redirected', 'received', 'contested', 'released', 'rejected', 'tested', 'destroyed'));
