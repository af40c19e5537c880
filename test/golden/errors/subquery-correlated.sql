CREATE RULE r AS
SELECT e.account_id AS account_id
FROM events AS e
JOIN (SELECT account_id FROM events WHERE session_id = e.session_id) AS s WITHIN 5 MINUTES ON s.account_id = e.account_id;
