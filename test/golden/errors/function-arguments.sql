CREATE RULE r AS
SELECT account_id
FROM events
WHERE substr(actor.user_agent) = 'curl' AND length(net.asn) > 4;
