-- Who owns which accounts, across platforms. The file here has two made-up owners; put your own there. `weir simulate`
-- writes the owners of its world beside its events (FILE.owners.csv), `weir score` fills them in by itself.
CREATE LOOKUP owners (platform string, account_id string, owner_id string, PRIMARY KEY (platform, account_id))
  WITH (source = 'owners.csv');
