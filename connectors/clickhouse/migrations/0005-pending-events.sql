-- Records that waited for their verdict when the store had caught up with the log (`as_of`, the log's end then; the
-- table caught_up says that everything before it is here). They move the watermark, so a backtest from here needs them.
CREATE TABLE IF NOT EXISTS pending_events (
  source LowCardinality(String),
  as_of UInt64,
  log_position UInt64,
  partition LowCardinality(String),
  partition_position UInt64,
  received_at DateTime64(3, 'UTC'),
  length UInt64,
  is_cut Bool,
  bytes String CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree(as_of)
PARTITION BY toYYYYMM(received_at)
ORDER BY (source, log_position)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS caught_up (
  source LowCardinality(String),
  as_of UInt64
)
ENGINE = ReplacingMergeTree(as_of)
ORDER BY source
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
