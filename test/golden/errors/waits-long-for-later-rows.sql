-- The first login from a country is known at once; this one looks 30 days ahead too.
CREATE RULE first_login_from_country AS
SELECT e.account_id, e.geo.country FROM events AS e
WHERE e.event_type = 'login' AND NOT EXISTS (
  SELECT 1 FROM events AS p
  WHERE p.account_id = e.account_id AND p.geo.country = e.geo.country AND p.event_type = 'login'
  WITHIN 30 DAYS);

CREATE VIEW unanswered AS
SELECT c.account_id FROM events AS c
LEFT JOIN events AS s WITHIN 90 MINUTES ON s.account_id = c.account_id AND s.event_type = 'mfa_challenge'
WHERE c.event_type = 'login' AND s.account_id IS NULL;

CREATE RULE unanswered_often AS
SELECT account_id, count(*) AS n FROM unanswered GROUP BY account_id WINDOW SLIDING 1 DAY HAVING n >= 5;
