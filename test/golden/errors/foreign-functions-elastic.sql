CREATE RULE r AS SELECT account_id, count_distinct(platform) AS p FROM events GROUP BY account_id WINDOW TUMBLING 5 MINUTES;
CREATE RULE s AS SELECT account_id, median(net.asn) AS p FROM events GROUP BY account_id, bucket(timestamp, 5 MINUTES) WINDOW TUMBLING 5 MINUTES;
CREATE RULE t AS SELECT account_id FROM events WHERE cidr_match(actor.ip, '10.0.0.0/8') OR endswith(platform, 'x') OR wildcard(platform, 'x*');
