CREATE RULE few AS
SELECT account_id, count(*) AS tries FROM events
WHERE event_type = 'login'
GROUP BY account_id
WINDOW SLIDING 15 MINUTES
HAVING tries < 5;

-- Nearly: at the end of a window a small number says something.
CREATE RULE few_of_the_hour AS
SELECT account_id, count(*) AS tries FROM events
WHERE event_type = 'login'
GROUP BY account_id
WINDOW TUMBLING 1 HOUR
HAVING tries < 5;
