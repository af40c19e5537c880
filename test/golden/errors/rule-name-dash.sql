CREATE RULE account-guessing AS
SELECT account_id
FROM events
WHERE TRUE;
