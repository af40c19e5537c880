CREATE RULE guessing SEVERITY low AS
SELECT account_id, count(*) AS n FROM events GROUP BY account_id WINDOW SLIDING 5 MINUTES HAVING n > 3;

CREATE EXCEPTION few FOR guessing IGNORE WHERE n > 3 BECAUSE 'red team';
CREATE EXCEPTION many FOR guessing IGNORE WHERE count(*) > 3 BECAUSE 'red team';
CREATE EXCEPTION most FOR guessing MUTE WHERE count(*) > 3 BECAUSE 'red team';
CREATE EXCEPTION host FOR guessing MUTE WHERE actor.ip = '198.51.100.7' AND n > 3 BECAUSE 'red team';
CREATE EXCEPTION misspelled FOR guessing IGNORE WHERE acount_id = 'a' BECAUSE 'red team';
