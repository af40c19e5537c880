CREATE RULE comma AS
SELECT account_id, x FROM events AS e, UNNEST(e.details.tags) AS t(x);

CREATE RULE left_join AS
SELECT account_id, x FROM events LEFT JOIN UNNEST(details.tags) AS t(x) ON TRUE;

CREATE RULE from_it AS
SELECT x FROM UNNEST(details.tags) AS t(x);

CREATE RULE spark AS
SELECT account_id, x FROM events LATERAL VIEW explode(details.tags) AS x;

CREATE RULE clickhouse AS
SELECT account_id, x FROM events ARRAY JOIN details.tags AS x;

CREATE RULE kql AS
SELECT account_id, x FROM events CROSS APPLY details.tags AS x;

CREATE RULE snowflake AS
SELECT account_id, x FROM events CROSS JOIN LATERAL flatten(details.tags) AS x;

CREATE RULE two_streams AS
SELECT account_id FROM events CROSS JOIN logins;

CREATE RULE places AS
SELECT account_id, x, n FROM events CROSS JOIN UNNEST(details.tags) WITH ORDINALITY AS t(x, n);

CREATE RULE selected AS
SELECT account_id, unnest(details.tags) AS x FROM events;
