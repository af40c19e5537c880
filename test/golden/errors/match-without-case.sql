CREATE RULE agents AS SELECT account_id FROM events WHERE actor.user_agent ~* 'curl';
