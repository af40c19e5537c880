SELECT account_id, count(*) AS n FROM events WINDOW SESSION (30 MINUTES) GROUP BY account_id EMIT CHANGES;
