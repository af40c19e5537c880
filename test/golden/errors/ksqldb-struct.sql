CREATE RULE r AS SELECT account_id, actor->ip AS ip FROM events;
