CREATE RULE "My Rule" AS SELECT account_id FROM events WHERE event_type = 'login';
CREATE VIEW "logins-by.day" AS SELECT account_id FROM events WHERE event_type = 'login'
UNION ALL SELECT account_id FROM events WHERE event_type = 'logout';
CREATE RULE "3rd" AS SELECT account_id FROM "logins-by.day";
-- These need quotes in rules too, and are one word everywhere else.
CREATE RULE "group" AS SELECT account_id FROM events WHERE event_type = 'login';
CREATE RULE "Anmeldung_über_2_Länder" AS SELECT account_id FROM events WHERE event_type = 'login';
