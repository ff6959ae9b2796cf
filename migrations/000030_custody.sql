-- A sealed tube asks of each code whether its record has become part of another or was erased: the few that have, by their id.
create index person_moved_id on person (id) include (merged_into, erased_at) where merged_into is not null or erased_at is not null;
drop index person_merged_id;
