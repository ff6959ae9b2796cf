-- Who was sampled on which day is in the samples themselves: counting with a second row a person and day was more than a
-- third of what the database did while a city seals, and is less than a fifth without it.
drop table tested;
