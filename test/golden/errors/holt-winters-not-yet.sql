CREATE RULE waves AS SELECT account_id FROM events WHERE holt_winters(net.asn) > 3;
