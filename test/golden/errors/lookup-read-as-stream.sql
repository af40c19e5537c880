CREATE LOOKUP watched (account_id string PRIMARY KEY) WITH (source = 'a.csv');
CREATE RULE reads AS SELECT account_id FROM watched;
