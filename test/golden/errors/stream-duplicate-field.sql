CREATE STREAM events (event_type string NOT NULL, actor string, actor.ip ip)
  LATENESS 10 SECONDS LATENESS 5 SECONDS;
