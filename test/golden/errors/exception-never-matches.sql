CREATE RULE guessing AS
SELECT account_id, count(*) AS failures
FROM events
WHERE event_type = 'login' AND result = 'fail'
GROUP BY account_id
WINDOW SLIDING 15 MINUTES
HAVING failures >= 10;

CREATE EXCEPTION resets FOR guessing IGNORE WHERE event_type = 'password_reset' BECAUSE 'call centre';
CREATE EXCEPTION few FOR guessing MUTE WHERE failures < 10 BECAUSE 'noise';

-- Nearly.
CREATE EXCEPTION tester FOR guessing IGNORE WHERE account_id = 'tester' AND event_type <> 'logout' BECAUSE 'load test';
CREATE EXCEPTION ten FOR guessing MUTE WHERE failures <= 10 BECAUSE 'noise';

-- This one leaves nothing of the rule.
CREATE RULE resets_alone AS SELECT account_id FROM events WHERE event_type = 'password_reset';
CREATE EXCEPTION all_of_it FOR resets_alone IGNORE WHERE event_type LIKE 'password%' BECAUSE 'too loud';
