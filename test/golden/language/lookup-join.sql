-- A lookup beside the row, as of its time: at most one row of it, found by the whole key.
CREATE LOOKUP owners (platform string, account_id string, owner_id string, valid_from timestamp,
  PRIMARY KEY (platform, account_id)) WITH (source = 'owners.csv');
CREATE LOOKUP teams (owner_id string PRIMARY KEY, team string) WITH (source = 'teams.csv');
CREATE LOOKUP nets (net cidr PRIMARY KEY, reason string) WITH (source = 'nets.csv');
CREATE RULE flagged_on_many_platforms SEVERITY high AS
SELECT o.owner_id, count(DISTINCT e.platform) AS platforms, any_value(t.team) AS team
FROM events AS e
JOIN owners AS o ON o.platform = e.platform AND e.account_id = o.account_id
LEFT JOIN teams AS t ON t.owner_id = o.owner_id
WHERE e.event_type = 'policy_flag'
GROUP BY o.owner_id WINDOW SLIDING 30 MINUTES HAVING platforms >= 2;
CREATE RULE left AS
SELECT account_id, nets.reason AS why, left AS right FROM named LEFT JOIN nets ON nets.net = ip WHERE nets.reason IS NULL;
CREATE VIEW named AS SELECT account_id, platform AS left, actor.ip AS ip FROM events;
