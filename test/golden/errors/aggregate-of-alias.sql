CREATE RULE r AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW SLIDING 10 MINUTES HAVING n > 2 * avg(n);
