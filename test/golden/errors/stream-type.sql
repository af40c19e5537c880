CREATE STREAM events (event_type text NOT NULL, port integer, "when" datetime, timestamp timestamp);
