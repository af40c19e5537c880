-- Nothing here is another language: texts, names and comments look like some.
CREATE RULE r SEVERITY low TITLE 'index=auth | stats count' AS
SELECT account_id, details.pattern[0] AS "Login#time(10 min)" FROM events -- from Login#time(10 min)
WHERE details.app = '| where x' AND details.win::int > 1 AND acount_id = 'rule x {';
