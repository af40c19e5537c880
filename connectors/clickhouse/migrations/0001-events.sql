-- What came in: a row per record, in the table of its verdict. `source` names the log (one data folder of one Weir),
-- log_position the record in it, verdict_position the entry that says its verdict: what is written again is told by it.
-- Integers are of 64 bits: a number that does not fit a smaller type would wrap in silence.
CREATE TABLE IF NOT EXISTS events (
  source LowCardinality(String),
  log_position UInt64,
  verdict_position UInt64,
  partition LowCardinality(String),
  partition_position UInt64,
  received_at DateTime64(3, 'UTC'),
  tenant_id LowCardinality(String),
  event_type LowCardinality(String),
  platform LowCardinality(String),
  timestamp DateTime64(3, 'UTC'),
  timestamp_ms Int64,
  seq Int64,
  event_id String,
  account_id String,
  actor_id String,
  actor_ip String,
  actor_user_agent LowCardinality(String),
  net_asn Nullable(Int64),
  net_as_org LowCardinality(String),
  net_type LowCardinality(String),
  geo_country LowCardinality(String),
  geo_city LowCardinality(String),
  geo_lat Nullable(Float64),
  geo_lon Nullable(Float64),
  device_id String,
  device_fingerprint String,
  auth_method LowCardinality(String),
  auth_result LowCardinality(String),
  auth_failure LowCardinality(String),
  report_reporter_id String,
  report_type LowCardinality(String),
  report_target_account String,
  change_field LowCardinality(String),
  change_from_hash String,
  change_to_hash String,
  session_id String,
  details String CODEC(ZSTD(1)),
  raw String CODEC(ZSTD(3)),
  detail String,
  INDEX by_timestamp timestamp TYPE minmax GRANULARITY 1,
  INDEX by_position log_position TYPE minmax GRANULARITY 1,
  INDEX by_account account_id TYPE bloom_filter GRANULARITY 4,
  INDEX by_ip actor_ip TYPE bloom_filter GRANULARITY 4,
  INDEX by_device device_id TYPE bloom_filter GRANULARITY 4,
  INDEX by_id event_id TYPE bloom_filter GRANULARITY 4
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(received_at)
ORDER BY (tenant_id, event_type, timestamp, log_position)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

-- Late ones are kept, `detail` with the bound that they missed; duplicates too: `conflict` where the content differs.
CREATE TABLE IF NOT EXISTS late_events AS events;
CREATE TABLE IF NOT EXISTS duplicate_events AS events;

-- Rejected records: the reason, where they stood, and their bytes in base64 (of one over the limit its beginning).
CREATE TABLE IF NOT EXISTS dead_letters (
  source LowCardinality(String),
  log_position UInt64,
  verdict_position UInt64,
  partition LowCardinality(String),
  partition_position UInt64,
  received_at DateTime64(3, 'UTC'),
  reason LowCardinality(String),
  message String,
  text String,
  length UInt64,
  is_cut Bool,
  bytes String CODEC(ZSTD(3))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(received_at)
ORDER BY (reason, received_at, log_position)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

-- What else stands in the log: partitions that stepped aside and came back, ticks of the clock, contents of lookups. With
-- it a backtest from here sees the watermark and the lookups that the live engine saw.
CREATE TABLE IF NOT EXISTS log_marks (
  source LowCardinality(String),
  log_position UInt64,
  verdict_position UInt64,
  kind LowCardinality(String),
  partition LowCardinality(String),
  time_ms String,
  name LowCardinality(String),
  version String,
  bytes String CODEC(ZSTD(3))
)
ENGINE = MergeTree
ORDER BY (source, log_position)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;
