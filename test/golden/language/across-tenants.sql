-- Rows of those tenants that share, in one group; tenant_id stays each row's own.
CREATE STREAM events LATENESS 10 SECONDS SHARING TENANTS 'shop', 'bank', 'fund';
CREATE RULE campaign ACROSS TENANTS SEVERITY high AS
SELECT actor.ip AS ip, device.fingerprint AS fingerprint, count(DISTINCT tenant_id) AS tenants
FROM events WHERE event_type = 'login' AND result = 'fail'
GROUP BY actor.ip, device.fingerprint WINDOW SLIDING 1 HOUR HAVING tenants >= 3
SUPPRESS BY actor.ip FOR 1 DAY;
CREATE RULE each AS
SELECT actor.ip AS sharing, platform AS tenants, count(*) AS across FROM events
GROUP BY actor.ip, platform WINDOW SLIDING 1 HOUR HAVING across >= 30;
