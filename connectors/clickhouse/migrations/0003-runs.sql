-- Every version of a rule that was ever deployed, with its text.
CREATE TABLE IF NOT EXISTS rules (
  name LowCardinality(String),
  plan_hash String,
  text_hash String,
  path String,
  severity LowCardinality(String),
  mode LowCardinality(String),
  text String CODEC(ZSTD(3)),
  deployed_at DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY (name, plan_hash, text_hash)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Every live period: written when it begins and again when it ends.
CREATE TABLE IF NOT EXISTS runs (
  id String,
  mode LowCardinality(String),
  source LowCardinality(String),
  started_at DateTime64(3, 'UTC'),
  ended_at Nullable(DateTime64(3, 'UTC')),
  version LowCardinality(String),
  program_hash String,
  rules Array(String),
  plan_hashes Array(String),
  log_from UInt64,
  log_to UInt64,
  counters String,
  written_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(written_at)
ORDER BY (source, id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Who did what through the API and with tokens; nothing in it is changed.
CREATE TABLE IF NOT EXISTS audit (
  source LowCardinality(String),
  record_offset UInt64,
  at DateTime64(3, 'UTC'),
  who_id String,
  who_name String,
  from String,
  action LowCardinality(String),
  target String,
  outcome String,
  details String
)
ENGINE = MergeTree
ORDER BY (at, who_id)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;
