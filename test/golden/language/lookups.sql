-- Reference data: a key of one column, a network by longest prefix, valid time; NOT IN; keys that are computed.
CREATE LOOKUP corp_nets (net cidr PRIMARY KEY, reason string, valid_from timestamp, valid_to timestamp)
  WITH (source = 'corp_nets.csv');
CREATE LOOKUP watched (name string PRIMARY KEY) WITH (source = 'watched.ndjson');
CREATE LOOKUP bad_asns (asn int, "primary" string, key string, PRIMARY KEY (asn)) WITH (source = 'asns.json');

CREATE RULE from_outside AS
SELECT account_id, count(*) AS logins, count(*) FILTER (WHERE net.asn IN LOOKUP bad_asns) AS from_bad
FROM events
WHERE event_type = 'login' AND actor.ip NOT IN LOOKUP corp_nets AND NOT details.peer::ip IN LOOKUP corp_nets
GROUP BY account_id, lower(actor.id) IN LOOKUP watched
WINDOW SLIDING 15 MINUTES
HAVING logins >= 3;

CREATE RULE lookup AS
SELECT account_id, details.role IN LOOKUP watched AS primary, details.asn IN LOOKUP bad_asns AS key
FROM events WHERE account_id IN LOOKUP watched OR platform = 'lookup';
