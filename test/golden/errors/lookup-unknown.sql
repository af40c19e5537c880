CREATE LOOKUP corp_nets (net cidr PRIMARY KEY, reason string) WITH (source = 'corp_nets.csv');
CREATE RULE outside AS SELECT account_id FROM events WHERE actor.ip NOT IN LOOKUP corp_net;
