CREATE RULE r TITLE "Guessing" AS
SELECT account_id
FROM events
WHERE TRUE;
