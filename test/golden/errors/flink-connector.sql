CREATE STREAM events (k string, ts TIMESTAMP) WITH ('connector' = 'kafka');
