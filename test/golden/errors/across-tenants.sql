CREATE RULE nobody_shares ACROSS TENANTS AS
SELECT actor.ip AS ip, count(DISTINCT tenant_id) AS tenants FROM events
GROUP BY actor.ip WINDOW SLIDING 1 HOUR HAVING tenants >= 3;
