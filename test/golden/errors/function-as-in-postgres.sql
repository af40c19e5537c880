CREATE OR REPLACE FUNCTION is_bot(agent text) RETURNS boolean LANGUAGE sql AS $$ SELECT agent ILIKE '%bot%' $$;
CREATE FUNCTION is_tool(agent string) RETURNS bool AS SELECT agent LIKE 'curl/%';
CREATE FUNCTION is_tool2(agent string) RETURNS bool RETURN agent LIKE 'curl/%';
CREATE FUNCTION is_tool3(string) RETURNS bool AS TRUE;
