CREATE RULE earlier AS SELECT account_id, lag(geo.country) AS before FROM events;
CREATE RULE earlier_over AS
SELECT account_id, lag(lower(geo.country)) OVER (PARTITION BY account_id ORDER BY timestamp) AS before FROM events;
CREATE RULE later AS SELECT account_id, LEAD(geo.country, 1) AS behind FROM events;
CREATE RULE numbered AS SELECT account_id, ROW_NUMBER() OVER (PARTITION BY account_id) AS n FROM events;
CREATE RULE summed AS SELECT account_id, count(*) OVER (PARTITION BY account_id) AS n FROM events;
