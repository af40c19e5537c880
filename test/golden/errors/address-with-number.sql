CREATE RULE r AS SELECT account_id FROM events WHERE actor.ip = 10;
CREATE RULE s AS SELECT account_id FROM events WHERE 10 < details.n::int AND 1.5 = actor.ip;
