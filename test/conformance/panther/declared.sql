-- What the rules of this folder read. The lookups stand for the state and the tables that the peer's tests mock.
CREATE STREAM events;
CREATE LOOKUP sessions (session_id string PRIMARY KEY, asn string, ip string, user_agent string, browser string, os string)
  WITH (source = 'sessions.csv');
CREATE LOOKUP legacy_auth_exceptions (user_name string PRIMARY KEY) WITH (source = 'legacy_auth_exceptions.csv');
CREATE LOOKUP seen_places (account_id string, place string, PRIMARY KEY (account_id, place)) WITH (source = 'seen_places.csv');
CREATE LOOKUP seen_accounts (account_id string PRIMARY KEY) WITH (source = 'seen_accounts.csv');
CREATE LOOKUP last_logins (account_id string PRIMARY KEY, seen_at timestamp, lat float, lon float)
  WITH (source = 'last_logins.csv');
