CREATE RULE r AS
SELECT account_id,
	'登录失败' || acount_id AS what
FROM events;
