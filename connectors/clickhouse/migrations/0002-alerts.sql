-- Every published detection record, each revision of it; `record` is the whole. The same record twice becomes one.
CREATE TABLE IF NOT EXISTS alerts (
  source LowCardinality(String),
  record_offset UInt64,
  id String,
  anchor_id String,
  revision Int64,
  timing LowCardinality(String),
  status LowCardinality(String),
  rule LowCardinality(String),
  plan_hash LowCardinality(String),
  title String,
  severity LowCardinality(String),
  confidence Nullable(Float64),
  attack Array(LowCardinality(String)),
  tenant_id LowCardinality(String),
  entity_type LowCardinality(String),
  entity_id String,
  key String,
  window_start Nullable(DateTime64(3, 'UTC')),
  window_end Nullable(DateTime64(3, 'UTC')),
  decided_at DateTime64(3, 'UTC'),
  first_event_at DateTime64(3, 'UTC'),
  last_event_at DateTime64(3, 'UTC'),
  detected_at Nullable(DateTime64(3, 'UTC')),
  values String,
  reason String,
  evidence_total UInt64,
  risk_score Nullable(Float64),
  suppressed_by String,
  superseded_by String,
  mode LowCardinality(String),
  rule_mode LowCardinality(String),
  record String CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree
ORDER BY (tenant_id, rule, decided_at, id, revision, timing)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS alert_evidence (
  source LowCardinality(String),
  record_offset UInt64,
  alert_id String,
  revision Int64,
  timing LowCardinality(String),
  rule LowCardinality(String),
  tenant_id LowCardinality(String),
  decided_at DateTime64(3, 'UTC'),
  ordinal UInt64,
  event_id String
)
ENGINE = ReplacingMergeTree
ORDER BY (tenant_id, alert_id, revision, timing, ordinal)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

-- What each detection added to the score of its entity, and the score then.
CREATE TABLE IF NOT EXISTS risk (
  source LowCardinality(String),
  record_offset UInt64,
  alert_id String,
  revision Int64,
  timing LowCardinality(String),
  rule LowCardinality(String),
  tenant_id LowCardinality(String),
  entity_type LowCardinality(String),
  entity_id String,
  decided_at DateTime64(3, 'UTC'),
  added Float64,
  score Float64
)
ENGINE = ReplacingMergeTree
ORDER BY (tenant_id, entity_type, entity_id, decided_at, alert_id, revision, timing)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

-- Rows of all tables of rules (CREATE TABLE), their columns as JSON: each table has a view aggregates_NAME with its own
-- columns and types, which follows the rule when it changes.
CREATE TABLE IF NOT EXISTS aggregates (
  source LowCardinality(String),
  record_offset UInt64,
  id String,
  name LowCardinality(String),
  plan_hash LowCardinality(String),
  tenant_id LowCardinality(String),
  key String,
  window_start DateTime64(3, 'UTC'),
  window_end DateTime64(3, 'UTC'),
  rows UInt64,
  values String
)
ENGINE = ReplacingMergeTree
ORDER BY (name, tenant_id, window_end, id)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;
