CREATE FUNCTION is_bot(agent string) AS agent ILIKE '%bot%';
