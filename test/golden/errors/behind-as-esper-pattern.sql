CREATE RULE r SEVERITY low AS
select a.account_id from pattern [every a=Login -> b=Reset where timer:within(10 min)];
