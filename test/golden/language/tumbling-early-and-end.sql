-- Decided at the event that makes it true: lower bounds on what only grows.
CREATE RULE early AS
SELECT platform, count(*) AS n, max(net.asn) AS asn
FROM events GROUP BY platform WINDOW TUMBLING 5 MINUTES
HAVING n > 100 OR (count(DISTINCT account_id) >= 20 AND 64512 <= max(net.asn));

-- min may fall: decided at the end.
CREATE RULE late AS
SELECT platform, min(net.asn) AS asn
FROM events GROUP BY platform WINDOW TUMBLING 5 MINUTES
HAVING count(*) >= 10 AND min(net.asn) >= 5;

CREATE RULE told AS
SELECT platform, count(*) AS n
FROM events GROUP BY platform WINDOW TUMBLING 5 MINUTES HAVING n >= 100
EMIT AT END;

-- A sum of what cannot be negative only grows; of a column it may fall.
CREATE RULE sum_early AS
SELECT platform, sum(CASE WHEN result = 'fail' THEN 2 ELSE 1 END) AS score
FROM events GROUP BY platform WINDOW TUMBLING 5 MINUTES HAVING score >= 50;

CREATE RULE sum_late AS
SELECT platform, sum(net.asn) AS total
FROM events GROUP BY platform WINDOW TUMBLING 5 MINUTES HAVING total >= 50;
