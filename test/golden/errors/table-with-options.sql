CREATE TABLE logins WITH (kafka_topic = 'logins') AS
SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW TUMBLING 1 HOUR;
