CREATE RULE r AS
SELECT CASE result WHEN 'fail' THEN 1 ELSE 0 AS score
FROM events;
