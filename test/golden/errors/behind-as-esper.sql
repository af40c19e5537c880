CREATE RULE r SEVERITY low AS
select account_id, count(*) from Login#time(10 min) group by account_id having count(*) > 5
