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

-- Each element of one with each of the other.
CREATE RULE copied_to AS
SELECT account_id, t.sender AS sender, u.host AS host
FROM events CROSS JOIN UNNEST(details.senders) AS t(sender) CROSS JOIN UNNEST(details.hosts) AS u(host)
WHERE event_type = 'mail_sent' AND sender <> host AND host LIKE '%.example';

-- Beside JOIN and EXISTS the elements of a side are its rows; ON may ask for them.
CREATE RULE mailed_then_seen AS
SELECT e.account_id, recipient
FROM events AS e CROSS JOIN UNNEST(e.details.recipients) AS r(recipient)
JOIN events AS s WITHIN (AFTER 1 HOUR) ON s.account_id = r.recipient
WHERE e.event_type = 'mail_sent' AND s.event_type = 'oauth_grant' AND recipient <> 'all';

CREATE RULE mailed_and_listed AS
SELECT account_id, recipient
FROM events AS e CROSS JOIN UNNEST(e.details.recipients) AS r(recipient)
WHERE EXISTS (
  SELECT 1 FROM events AS s CROSS JOIN UNNEST(s.details.members) AS m(member)
  WHERE m.member = r.recipient AND s.event_type = 'role_granted' WITHIN 1 HOUR
);
