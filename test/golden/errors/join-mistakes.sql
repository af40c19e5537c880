CREATE LOOKUP owners (platform string, account_id string, owner_id string, PRIMARY KEY (platform, account_id))
  WITH (source = 'owners.csv');
CREATE LOOKUP nets (net cidr PRIMARY KEY, reason string) WITH (source = 'nets.csv');
CREATE RULE half_a_key AS SELECT o.owner_id FROM events AS e JOIN owners AS o ON o.platform = e.platform;
CREATE RULE no_key AS SELECT o.owner_id FROM events AS e JOIN owners AS o ON o.owner_id = e.account_id;
CREATE RULE more AS SELECT o.owner_id FROM events AS e
JOIN owners AS o ON o.platform = e.platform AND o.account_id = e.account_id AND e.event_type = 'login';
CREATE RULE twice AS SELECT o.owner_id FROM events AS e
JOIN owners AS o ON o.platform = e.platform AND o.account_id = e.account_id AND o.platform = 'x';
CREATE RULE unknown_lookup AS SELECT o.owner_id FROM events JOIN owner AS o ON o.account_id = account_id;
CREATE RULE unknown_column AS SELECT n.raeson FROM events JOIN nets AS n ON n.net = actor.ip;
CREATE RULE wrong_type AS SELECT n.reason FROM events JOIN nets AS n ON n.net = account_id;
CREATE RULE alias_of_field AS SELECT actor.reason FROM events JOIN nets AS actor ON actor.net = geo.city;
CREATE RULE a_stream AS SELECT e.account_id FROM events AS e JOIN events AS s ON s.account_id = e.account_id;
CREATE RULE ungrouped AS SELECT n.reason, count(*) AS c FROM events JOIN nets AS n ON n.net = actor.ip
WINDOW SLIDING 1 HOUR HAVING c > 1;
CREATE RULE lookup_within AS SELECT n.reason FROM events JOIN nets AS n WITHIN 1 HOUR ON n.net = actor.ip;
