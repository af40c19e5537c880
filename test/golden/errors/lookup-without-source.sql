CREATE LOOKUP watched (a string PRIMARY KEY);
