CREATE RULE r AS
SELECT a.account_id
FROM events, logins
WHERE event_type = 'login';
