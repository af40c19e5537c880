CREATE RULE r AS SELECT a.account_id FROM events AS a JOIN events AS b ON a.account_id = b.account_id
  AND b.timestamp BETWEEN a.timestamp AND a.timestamp + INTERVAL '1' HOUR;
