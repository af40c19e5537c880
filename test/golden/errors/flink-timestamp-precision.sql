CREATE STREAM events (k string, ts TIMESTAMP(3));
