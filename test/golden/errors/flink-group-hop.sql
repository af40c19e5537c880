CREATE RULE r AS
SELECT account_id, count(*) AS n FROM events GROUP BY account_id, HOP(ts, INTERVAL '1' MINUTE, INTERVAL '1' HOUR) HAVING n > 5;
CREATE RULE s AS
SELECT account_id, count(*) AS n FROM events GROUP BY SESSION(ts, INTERVAL '30' MINUTE), account_id;
