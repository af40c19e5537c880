CREATE RULE r AS
SELECT account_id
FROM events
WHERE details.mfa::bool IS NOT TRUE;
