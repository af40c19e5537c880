CREATE LOOKUP owners (platform string, account_id string, owner_id string, PRIMARY KEY (platform, account_id))
  WITH (source = 'owners.csv');
CREATE RULE owned AS SELECT account_id FROM events WHERE account_id IN LOOKUP owners;
