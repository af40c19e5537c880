CREATE LOOKUP corp_nets (net cidr PRIMARY KEY) WITH (source = 'corp_nets.csv');
CREATE RULE outside AS SELECT account_id FROM events WHERE account_id IN LOOKUP corp_nets;
CREATE RULE constant AS SELECT account_id FROM events WHERE '10.0.0.1' IN LOOKUP corp_nets;
CREATE RULE untyped AS SELECT account_id FROM events WHERE details.peer IN LOOKUP corp_nets;
CREATE RULE risky AS SELECT account_id FROM events WHERE platform = 'x'
RISK CASE WHEN account_id IN LOOKUP corp_nets THEN 1 ELSE 2 END ON account account_id HALF LIFE 1 DAY;
