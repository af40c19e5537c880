CREATE RULE r AS
SELECT EXISTS (SELECT 1 FROM events AS l WHERE l.account_id = e.account_id WITHIN 1 HOUR) AS known
FROM events AS e;
