CREATE RULE guessing PARAM min_failures int = 10 IN 3 TO 30 AS
SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW SLIDING 1 HOUR HAVING n >= :min_failures;
TUNE guessing WHERE tenant_id = 'a' SET min_failures = 31 BECAUSE 'call centre';
TUNE guessing WHERE tenant_id = 'b' SET min_failures = '5' BECAUSE 'call centre';
TUNE guessing WHERE tenant_id = 'c' SET min_failure = 5 BECAUSE 'call centre';
TUNE guessing WHERE tenant_id = 'd' SET min_failures = 5, min_failures = 6 BECAUSE 'call centre';
TUNE guessing WHERE tenant_id IN ('e', 'f') SET min_failures = 5 BECAUSE 'call centre';
TUNE guessing WHERE tenant_id = 'f' SET min_failures = 6 BECAUSE 'call centre';
TUNE guessing WHERE platform = 'x' SET min_failures = 5 BECAUSE 'call centre';
TUNE guessing WHERE tenant_id <> 'a' SET min_failures = 5 BECAUSE 'call centre';
TUNE guessing WHERE tenant_id = 'g' SET min_failures = 5 BECAUSE '';
TUNE guesing WHERE tenant_id = 'h' SET min_failures = 5 BECAUSE 'call centre';

CREATE RULE patterns PARAM pattern string = 'web.*' AS
SELECT account_id FROM (SELECT account_id FROM events WHERE platform ~ :pattern) AS own;
TUNE patterns WHERE tenant_id = 'shop' SET pattern = '(' BECAUSE 'call centre';
