CREATE RULE r AS SELECT account_id, dc(platform) AS p FROM events GROUP BY account_id WINDOW TUMBLING 5 MINUTES;
CREATE RULE s AS SELECT account_id, perc95(net.asn) AS p FROM events GROUP BY account_id WINDOW TUMBLING 5 MINUTES;
CREATE RULE t AS SELECT account_id FROM events WHERE cidrmatch('10.0.0.0/8', actor.ip) OR isnull(session_id) OR match(session_id, 'a');
CREATE RULE u AS SELECT account_id, if(result = 'fail', 1, 2) AS n FROM events;
