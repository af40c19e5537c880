CREATE STREAM events SHARING TENANTS 'shop', 'bank', 'shop';
CREATE RULE single ACROSS TENANTS AS SELECT account_id FROM events;
CREATE RULE twice ACROSS TENANTS ACROSS TENANTS AS SELECT count(*) AS n FROM events WINDOW SLIDING 1 HOUR HAVING n > 2;
CREATE RULE tuned ACROSS TENANTS PARAM least int = 3 AS SELECT count(*) AS n FROM events WINDOW SLIDING 1 HOUR
HAVING n > :least;
TUNE tuned WHERE tenant_id = 'shop' SET least = 5 BECAUSE 'large';
