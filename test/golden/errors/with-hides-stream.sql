CREATE LOOKUP nets (net cidr PRIMARY KEY) WITH (source = 'nets.csv');

CREATE RULE r AS
WITH events AS (SELECT account_id FROM events WHERE event_type = 'login'),
  nets AS (SELECT account_id FROM events)
SELECT account_id FROM nets;
