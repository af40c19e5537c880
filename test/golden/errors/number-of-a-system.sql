CREATE RULE one AS SELECT account_id FROM events WHERE net.asn = 'AS64500';
CREATE RULE several AS SELECT account_id FROM events WHERE net.asn IN (64500, 'as64501');
CREATE RULE words AS SELECT account_id FROM events WHERE net.asn = 'AS of';
