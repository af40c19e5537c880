CREATE FUNCTION twice(x string) RETURNS string AS x || x;

CREATE RULE r AS
SELECT twice(twice(twice(twice(twice(twice(twice(twice(twice(twice(account_id)))))))))) AS much
FROM events;
