CREATE LOOKUP owners (account_id string PRIMARY KEY, team string) WITH (source = 'owners.csv');

CREATE RULE changed_without_mfa AS
SELECT c.account_id, m.result AS mfa
FROM events AS c
LEFT JOIN events AS m WITHIN (BEFORE 10 MINUTES) ON m.account_id = c.account_id
WHERE c.event_type = 'account_changed' AND m.event_type = 'mfa_challenge';

CREATE RULE of_the_red_team AS
SELECT e.account_id, o.team
FROM events AS e LEFT JOIN owners AS o ON o.account_id = e.account_id
WHERE lower(o.team) = 'red';

-- Nearly: these conditions let the rows without a partner through, or are asked in ON.
CREATE RULE changed_alone AS
SELECT c.account_id
FROM events AS c
LEFT JOIN events AS m WITHIN (BEFORE 10 MINUTES) ON m.account_id = c.account_id AND m.event_type = 'mfa_challenge'
WHERE c.event_type = 'account_changed' AND m.event_type IS NULL;

CREATE RULE not_confirmed AS
SELECT c.account_id
FROM events AS c
LEFT JOIN events AS m WITHIN (BEFORE 10 MINUTES) ON m.account_id = c.account_id
WHERE c.event_type = 'account_changed' AND coalesce(m.result, 'none') <> 'success';

CREATE RULE of_no_team AS
SELECT e.account_id
FROM events AS e LEFT JOIN owners AS o ON o.account_id = e.account_id
WHERE o.team IS NULL OR o.team = 'red';
