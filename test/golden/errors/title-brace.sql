CREATE RULE r TITLE 'Guessing on {account_id by {ip}' AS
SELECT account_id, actor.ip AS ip FROM events WHERE event_type = 'login';
CREATE RULE s TITLE '{account_id} of 5} tries' AS
SELECT account_id FROM events WHERE event_type = 'login';
