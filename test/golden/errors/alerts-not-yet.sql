CREATE RULE r AS
SELECT entity_id, count(*) AS n
FROM alerts
GROUP BY entity_id
WINDOW SLIDING 1 DAY
HAVING n >= 3;
