/**
 * Every bound of the engine in one place. What a bound drops is named and counted on the run (law 5). Bounds on state
 * are per key group, so that the number of shards cannot show (S14).
 */
export const limits = {
  /** A record larger than this is rejected whole. */
  record_bytes: 256 * 1024,
  /** Nesting of JSON objects and arrays. */
  json_depth: 64,
  /** Values of a field longer than this many UTF-8 bytes are rejected. */
  text_bytes: 64 * 1024,
  /** Steps and bytes of the shapes of records that a decoder remembers; beyond either it begins anew. */
  shape_steps: 4_096,
  shape_bytes: 64 * 1024,
  /** Event ids in UTF-8 bytes: they are compared, kept for the dedup horizon and shown as evidence. */
  event_id_bytes: 512,
  /** Key groups: state is split by the hash of the key, never by the number of shards. */
  key_groups: 256,
  /** Keys of one key expression in one key group; beyond it the key that was silent longest goes. */
  keys_per_group: 65_536,
  /** Rows kept for one key; beyond it the oldest go, counted on the run, and detections miss them. */
  rows_per_key: 100_000,
  /**
   * Windows of a row store whose aggregates are kept running, where at least so many rows of the key, whoever's they are,
   * were read for one judgement. Beyond it, and below, they are computed from the rows: it cannot show in any result.
   */
  running_windows: 1_024,
  running_rows: 16,
  /** Rows of a key that are looked at first, beside twice as many as its bounds need. It cannot show in any result. */
  first_rows: 16,
  /** Rows of one key expression in one key group. */
  rows_per_group: 262_144,
  /**
   * Bytes of long texts that the keys and rows of one key expression hold in one key group, each counted by every row that
   * holds it; beyond it the key goes whose last one came longest ago. A text of at most `long_text_bytes` is not counted:
   * it is bounded by the number of keys and rows.
   */
  text_bytes_per_group: 2 * 1024 * 1024,
  long_text_bytes: 256,
  /** SUPPRESS keys of one rule in one key group that are covered at a time; beyond it the one that ends first goes. */
  suppress_keys_per_group: 4_096,
  /** Entities with a risk score in one key group; beyond it the one whose score rose longest ago goes. */
  risk_entities_per_group: 4_096,
  /** Detections of one rule in one key group that may get further revisions; beyond it the longest silent goes. */
  open_detections_per_group: 1_024,
  /** Tenants that WITH EMPTY KEYS OF finds silent keys for: the first ones that were seen. */
  expecting_tenants: 1_024,
  /** Keys times tenants that WITH EMPTY KEYS OF goes through at a window's end: beyond it later tenants' silence is not told. */
  expected_keys: 1_000_000,
  /** Ids that the dedup horizon remembers; beyond it the oldest go. */
  dedup_ids: 16_000_000,
  /** Events waiting in the reorder stage; beyond it the source is held back. */
  pending_events: 4_000_000,
  /** A sorted run that has scratch space keeps so many events and so many bytes of them in memory. */
  sorted_rows: 2_000_000,
  sorted_bytes: 512 * 1024 * 1024,
  /** EMIT EARLY: detections that left early and that the watermark has not passed; others are told when they are final. */
  early_detections: 100_000,
  /** What they may take, with their texts; beyond it further ones are told when they are final. */
  early_bytes: 256 * 1024 * 1024,
  /** Values kept by array_agg or top and shown in a detection. */
  array_values: 100,
  /** UTF-16 units of an array in a row of a view, as JSON; elements behind them are left out. As long as a record may be. */
  array_text_units: 256 * 1024,
  /** Elements of an array that UNNEST makes rows of; those behind them are left out. */
  unnest_elements: 1_000,
  /** Windows of a HOPPING that an event may stand in: its size divided by its advance. */
  windows_per_event: 2_000,
  /** Events that a row of joins names as what it rests on; the last ones stay, and the total. */
  events_per_row: 100,
  /** Evidence ids a rule may ask for. */
  evidence_ids: 1_000,
  /** A lookup's content, in bytes; a larger file is refused whole. */
  lookup_bytes: 12 * 1024 * 1024,
  /** Versions of a lookup that are known by name; beyond it the oldest goes. */
  lookup_versions: 1_024,
  /** How long after its end a window of a table is a baseline. */
  baseline_ms: 31 * 86_400_000,
  /**
   * Rows in a batch through the fold. With a thousand rules each batch goes through hundreds of stores, whose memory no
   * cache holds together: with an eighth of the rows they take a quarter longer (benchmarks/README.md).
   */
  batch_rows: 8_192,
  /** Events of a batch whose rows go on together where each may become many, by a JOIN or UNNEST (fold/pieces.ts). */
  piece_rows: 1_024,
  /** Rows in a batch that goes to other threads too: each has a copy, with texts. */
  sent_batch_rows: 1_024,
  /** Batches that other threads may be behind where more events wait to be taken in; twice as many are handed over at once. */
  batches_behind: 16,
  /** Memory of the rows that are handed over to them and not decided. */
  parcel_bytes: 64 * 1024 * 1024,
  /** Source partitions. */
  partitions: 1_024,
} as const;

/** Rows or keys that a bound dropped, by the bound's name. */
export type DropCounters = { -readonly [bound in keyof typeof limits]?: number };
