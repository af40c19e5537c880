CREATE RULE r AS
SELECT account_id
FROM SEQUENCE BY account_id (
  events AS a WHERE event_type = 'password_reset'
  THEN events AS b WHERE event_type = 'login'
) WITHIN 30 MINUTES;
