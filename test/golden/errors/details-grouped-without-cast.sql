CREATE RULE r AS
SELECT details.app::string AS app, count(*) AS n
FROM events
GROUP BY details.app
WINDOW TUMBLING 5 MINUTES
HAVING n > 100;
