-- The centre told the person by telephone what it found; from then on they may carry a card of it.
alter table finding add column told_at timestamptz, add column told_by text;
alter table finding add constraint finding_told check ((told_at is null) = (told_by is null) and (told_at is null or outcome is not null));
