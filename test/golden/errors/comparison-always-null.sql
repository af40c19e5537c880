CREATE RULE no_session AS
SELECT account_id FROM events
WHERE session_id IS NULL AND lower(session_id) = 'none';

CREATE RULE fourth AS
SELECT account_id FROM events GROUP BY account_id
WINDOW SLIDING 1 HOUR
HAVING count(*) >= 4 AND array_agg(session_id, 3)[3] = 'a';

-- Nearly: the first is NULL for some events only, the second looks at the last of three.
CREATE RULE some_session AS
SELECT account_id FROM events
WHERE session_id IS NULL OR lower(session_id) = 'none';

CREATE RULE third AS
SELECT account_id FROM events GROUP BY account_id
WINDOW SLIDING 1 HOUR
HAVING count(*) >= 4 AND array_agg(session_id, 3)[2] = 'a';
