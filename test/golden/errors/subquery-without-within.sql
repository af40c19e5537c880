CREATE RULE r AS
SELECT e.account_id AS account_id
FROM events AS e JOIN (SELECT account_id FROM events WHERE event_type = 'login') AS s ON s.account_id = e.account_id;
