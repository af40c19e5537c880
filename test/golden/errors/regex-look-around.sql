CREATE RULE behind AS SELECT account_id FROM events WHERE actor.user_agent ~ '(?<=curl/)7';
CREATE RULE ahead AS SELECT account_id FROM events WHERE actor.user_agent ~ 'curl(?=/7)';
CREATE RULE not_ahead AS SELECT account_id FROM events WHERE actor.user_agent ~ 'curl(?!/7)';
CREATE RULE text_only AS SELECT account_id FROM events WHERE actor.user_agent ~ '\(?=[(?!]';
