-- One mistake in CREATE LOOKUP is one message: who asks the lookup is right.
CREATE LOOKUP owners FROM 'owners.csv';

CREATE RULE owned SEVERITY low AS
SELECT e.account_id, o.owner
FROM events AS e JOIN owners AS o ON o.account_id = e.account_id
WHERE e.event_type = 'policy_flag';

CREATE RULE watched SEVERITY low AS
SELECT account_id FROM events WHERE account_id IN LOOKUP owners;

CREATE EXCEPTION known FOR watched IGNORE WHERE account_id IN LOOKUP owners BECAUSE 'known to us';
