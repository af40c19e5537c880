CREATE VIEW logins AS SELECT account_id FROM events WHERE event_type = 'login';

CREATE RULE r AS
WITH logins AS (SELECT account_id FROM logins WHERE account_id <> 'root')
SELECT account_id FROM logins;

CREATE RULE other AS SELECT account_id FROM logins;
