CREATE LOOKUP watched (a string PRIMARY KEY) WITH (source = 'a.csv');
CREATE LOOKUP watched (a string PRIMARY KEY) WITH (source = 'b.csv');
CREATE VIEW watched AS SELECT account_id FROM events;
CREATE RULE reads AS SELECT account_id FROM watched;
