-- Who was sampled on which day is in the samples themselves: a second row a person and day was two fifths of what the
-- database did while a city seals, and half as much disk as the samples.
drop table tested;
