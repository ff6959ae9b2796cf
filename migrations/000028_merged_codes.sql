-- A sealed tube asks of each code whether its record has become part of another: the few that have, by their id.
create index person_merged_id on person (id) include (merged_into) where merged_into is not null;
