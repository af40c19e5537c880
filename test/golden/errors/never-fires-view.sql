CREATE VIEW guessing AS
SELECT account_id, count(*) AS failures
FROM events
WHERE event_type = 'login' AND result = 'fail'
GROUP BY account_id
WINDOW SLIDING 15 MINUTES
HAVING failures BETWEEN 5 AND 9;

CREATE RULE heavy AS SELECT account_id, failures FROM guessing WHERE failures >= 10;

-- Nearly: the view does have rows with 9.
CREATE RULE light AS SELECT account_id, failures FROM guessing WHERE failures >= 9;
