-- UNNEST: a row for each element of an array, in order; the element is text. Conditions without it are asked before.
CREATE RULE mass_mailing AS
SELECT account_id, count(DISTINCT recipient) AS recipients, count(*) AS sent
FROM events AS e CROSS JOIN UNNEST(e.details.recipients::array) AS r(recipient)
WHERE e.event_type = 'mail_sent' AND recipient NOT LIKE '%@example.com'
GROUP BY account_id
WINDOW SLIDING 1 HOUR
HAVING recipients >= 50;

CREATE LOOKUP watched (host string PRIMARY KEY, reason string) WITH (source = 'watched.csv');

CREATE RULE watched_host AS
SELECT account_id, x.host AS host, w.reason AS reason
FROM events CROSS JOIN UNNEST(details.hosts) AS x(host) JOIN watched AS w ON w.host = x.host
WHERE details.app = 'proxy' AND details.app::int IS NULL;
