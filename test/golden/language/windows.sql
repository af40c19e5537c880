-- Every kind of window, with all that can stand behind it; HAVING, the footer and the end follow each.
CREATE RULE hopping_early AS
SELECT platform, count(*) AS n, window_start, window_end FROM events GROUP BY platform
WINDOW HOPPING 15 MINUTES ADVANCE BY 1 MINUTE
HAVING n >= 10;

CREATE RULE hopping_end AS
SELECT platform, avg(details.risk::float) AS risk FROM events GROUP BY platform
WINDOW HOPPING 1 DAY ADVANCE BY 1 HOUR OFFSET 30 MINUTES IN TIME ZONE 'Europe/Berlin'
HAVING risk > 50
EMIT AT END;

CREATE RULE working_day AS
SELECT account_id, count(*) AS n FROM events GROUP BY account_id
WINDOW TUMBLING 1 DAY IN TIME ZONE 'America/New_York' OFFSET 6 HOURS
HAVING n > 100;

CREATE RULE utc_is_the_default AS
SELECT account_id, count(*) AS n FROM events GROUP BY account_id
WINDOW TUMBLING 1 DAY IN TIME ZONE 'UTC'
HAVING n > 100;

CREATE RULE silence AS
SELECT platform, count(*) AS n FROM events GROUP BY platform
WINDOW TUMBLING 1 HOUR WITH EMPTY FOR 7 DAYS
HAVING n < 100
SUPPRESS BY platform FOR 1 DAY;

CREATE VIEW visits AS
SELECT account_id, count(*) AS n, window_start AS began FROM events GROUP BY account_id
WINDOW SESSION GAP 30 MINUTES MAX 8 HOURS;

CREATE RULE long_visit AS
SELECT account_id, count(*) AS visits FROM visits GROUP BY account_id
WINDOW SESSION GAP 1 DAY
HAVING max(n) > 500;

-- The words of windows stay free for names.
CREATE RULE words AS
SELECT details.gap::int AS gap, details.offset::int AS offset, details.session::string AS session
FROM events WHERE details.advance::int IN (1, 2) AND details.hopping::bool;

-- Keys that are known from elsewhere: silence of one that was never seen, too.
CREATE LOOKUP expected (platform string PRIMARY KEY) WITH (source = 'expected.csv');

CREATE RULE expected_but_silent AS
SELECT platform, count(*) AS n FROM events GROUP BY platform
WINDOW TUMBLING 1 HOUR OFFSET 30 MINUTES WITH EMPTY KEYS OF expected
HAVING n < 100;

CREATE VIEW per_hour AS
SELECT platform, count(*) AS n FROM events WHERE platform <> 'test' GROUP BY platform
WINDOW HOPPING 1 HOUR ADVANCE BY 10 MINUTES WITH EMPTY KEYS OF expected;

CREATE RULE "of" AS SELECT details.keys::int AS keys, details.of::int AS of FROM events WHERE details.of::int = 1;
