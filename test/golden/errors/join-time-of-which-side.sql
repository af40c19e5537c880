CREATE RULE of_no_side SEVERITY low AS
SELECT a.account_id FROM events AS a
LEFT JOIN events AS b WITHIN 5 MINUTES ON a.account_id = b.account_id AND timestamp > a.timestamp;

CREATE RULE of_no_tenant SEVERITY low AS
SELECT a.account_id FROM events AS a
JOIN events AS b WITHIN 5 MINUTES ON a.account_id = b.account_id AND tenant_id = 'T';
