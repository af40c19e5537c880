CREATE RULE guessing PARAM least int = 10 AS SELECT account_id FROM events WHERE details.n > :least;
TUNE guessing WHERE tenant_id = 'shop' SET least = 25;
