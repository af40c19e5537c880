-- Runs and versions of rules come from files that only grow, like alerts: who, with which parameters, over which input.
ALTER TABLE runs
  ADD COLUMN IF NOT EXISTS record_offset UInt64,
  ADD COLUMN IF NOT EXISTS state LowCardinality(String),
  ADD COLUMN IF NOT EXISTS by String,
  ADD COLUMN IF NOT EXISTS input String,
  ADD COLUMN IF NOT EXISTS parameters String,
  ADD COLUMN IF NOT EXISTS range_from Nullable(DateTime64(3, 'UTC')),
  ADD COLUMN IF NOT EXISTS range_to Nullable(DateTime64(3, 'UTC')),
  ADD COLUMN IF NOT EXISTS detections Map(String, UInt64),
  ADD COLUMN IF NOT EXISTS error String;

ALTER TABLE runs MODIFY SETTING non_replicated_deduplication_window = 1000;

ALTER TABLE rules
  ADD COLUMN IF NOT EXISTS source LowCardinality(String),
  ADD COLUMN IF NOT EXISTS record_offset UInt64,
  ADD COLUMN IF NOT EXISTS how LowCardinality(String),
  ADD COLUMN IF NOT EXISTS by String,
  ADD COLUMN IF NOT EXISTS because String;

ALTER TABLE rules MODIFY SETTING non_replicated_deduplication_window = 1000;

-- Rows without a source were written by a start itself; the file has them too.
ALTER TABLE rules DELETE WHERE source = '' SETTINGS mutations_sync = 1;

ALTER TABLE runs DELETE WHERE state = '' SETTINGS mutations_sync = 1;
