-- A view that is right, and a rule whose body is pasted: the view is read, and the rule told once.
CREATE VIEW failures AS SELECT account_id FROM events WHERE result = 'fail';
CREATE RULE pasted SEVERITY medium TITLE 'Many failures as seen' AS
index=auth action=failure
| bucket _time span=15m
| stats count dc(src_ip) AS ips BY user, _time
| where count >= 10;
CREATE RULE later SEVERITY low AS SELECT acount_id FROM failures;
