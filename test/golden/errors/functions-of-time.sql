CREATE RULE r AS SELECT strftime(timestamp) AS a, to_lower(account_id) AS b FROM events;
CREATE RULE s AS SELECT from_unixtime(details.at) AS a FROM events;
CREATE RULE t AS SELECT startofday(timestamp) AS a FROM events;
CREATE RULE u AS SELECT todatetime(details.at) AS a FROM events;
