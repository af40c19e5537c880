CREATE RULE r AS
SELECT account_id
FROM (SELECT account_id FROM events WHERE event_type = 'login') logins;
