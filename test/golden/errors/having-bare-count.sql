-- An aggregate without its brackets: the alias is meant, or the call.
CREATE RULE r AS
SELECT account_id, count(*) AS failures FROM events
GROUP BY account_id
WINDOW SLIDING 5 MINUTES
HAVING count >= 5 AND max > 3;
