import { joinPlace } from '../../../engine/fold/join-parts.ts';
import { KeyedStore } from '../../../engine/fold/keyed-store.ts';
import type { RowStore } from '../../../engine/fold/row-store.ts';
import { Stage } from '../../../engine/fold/stage.ts';
import { joinBytes as recordBytes } from '../../../engine/fold/state-bytes.ts';
import { type StoreLimits, withStateKeys } from '../../../engine/fold/store-limits.ts';
import {
  Dictionary,
  ENTITY_BYTES,
  limits as engineLimits,
  INTERVAL_BYTES,
  OPEN_BYTES,
  type OperatorSpec,
  type Program,
  windowMemory,
} from '../../../engine/index.ts';
import { Lookups } from '../../../engine/lookups/lookups.ts';
import { earlyProgramOf } from '../../../engine/runtime/early-program.ts';
import { BLOCK_BITS } from '../../../engine/state/hot-blocks.ts';
import { SEGMENT_BITS } from '../../../engine/state/records.ts';

/** What was sent, as far as it bounds what can be kept of it. */
export interface Traffic {
  /** The most records that were accepted in so many milliseconds. */
  readonly most: (span_ms: number) => number;
  /** The most records of one key. */
  readonly of_key: number;
  /** The most texts that the dictionary held. */
  readonly texts: number;
  /** The longest record, in bytes. */
  readonly longest: number;
}

/**
 * The most bytes that each part of an engine's state (EngineStats.parts) may hold: of each table the number of its records,
 * which is what the traffic makes of it within the time that it looks back, or its bound in limits.ts where that is less,
 * times the size of a record, in whole segments. Written again from what the tables promise, not from what they say that
 * they hold.
 */
export function boundsOf(program: Program, limits: StoreLimits, traffic: Traffic): Map<string, number> {
  const bounds = new Map<string, number>();
  const symbols = new Dictionary();
  const lookups = new Lookups(program);
  const options = { shards: 1, form: 'hot', limits, lookups, observed: null } as const;
  let joins = 0;
  program.streams.forEach(({ join }, stream) => {
    if (join !== undefined) {
      const { left_row, right_row, key } = recordBytes(program, stream);
      const sizes = { left: left_row, right: right_row, key: key - ENTRY_BYTES };
      bounds.set(`join ${++joins}`, joinBytes(limits, traffic, joinPlace(program, stream).keep_ms, sizes));
    }
    const behind = behindOf(program, stream);
    for (const store of new Stage(program, stream, symbols, options).stores)
      addStore(bounds, store, limits, traffic, behind);
  });
  const { operators } = program;
  const sum = (some: readonly OperatorSpec[], of: (spec: OperatorSpec) => number) =>
    some.reduce((total, spec) => total + of(spec), 0);
  const suppressing = operators.filter(({ suppress }) => suppress !== null);
  // What has ended waits until the hand has come round, and that is before as much has come again.
  const intervals = (spec: OperatorSpec) =>
    Math.min(limits.key_groups * limits.suppress_keys_per_group, traffic.most(2 * (spec.suppress?.for_ms ?? 0)));
  bounds.set('SUPPRESS intervals', sum(suppressing, intervals) * INTERVAL_BYTES);
  const half_lives = [...new Set(operators.flatMap(({ risk }) => risk?.half_life_ms ?? []))];
  const entities = Math.min(
    limits.key_groups * limits.risk_entities_per_group,
    traffic.most(2 * FAINT_AFTER * Math.max(0, ...half_lives)),
  );
  bounds.set('RISK entities', half_lives.length === 0 ? 0 : entities * (ENTITY_BYTES + 8 * half_lives.length));
  const open = (spec: OperatorSpec) =>
    Math.min(
      limits.key_groups * limits.open_detections_per_group,
      traffic.most(Math.max(spec.window?.size_ms ?? 0, spec.life?.close_after_ms ?? 0)),
    );
  bounds.set(
    'open detections',
    sum(
      operators.filter(({ life }) => life !== undefined),
      open,
    ) * OPEN_BYTES,
  );
  return bounds;
}

/** The entry by which a key is found, which is counted with the tables that hold it. */
const ENTRY_BYTES = 8;

/** Of a key with long texts: its entry in a Map of twice the room (long-texts.ts). */
const LONG_ENTRY_BYTES = 2 * 28;

/** The most bytes of long texts that one table of keys may hold. */
function longBytes(limits: StoreLimits, { most, longest }: Traffic, span_ms: number): number {
  return Math.min(limits.key_groups * (limits.text_bytes_per_group + longest), most(span_ms) * longest);
}

/** Keys with long texts; each takes more than limits.long_text_bytes. */
function longKeys(limits: StoreLimits, traffic: Traffic, span_ms: number): number {
  return Math.ceil(longBytes(limits, traffic, span_ms) / engineLimits.long_text_bytes);
}

/** A score of ten is nothing (a thousandth) after so many half-lives. */
const FAINT_AFTER = Math.log2(10_000);

/** How long after a record the rows come that views make of it. */
function behindOf(program: Program, stream: number): number {
  const views = program.operators.filter(({ output_stream }) => output_stream === stream);
  return Math.max(0, ...views.map((view) => windowMemory(view) + behindOf(program, view.input)));
}

/** Records for so many: the first segment doubles, every further one is whole. */
function records(count: number, stride_bytes: number, bits = SEGMENT_BITS): number {
  const whole = 2 ** bits;
  return stride_bytes * (count > whole ? Math.ceil(count / whole) * whole : powerOfTwo(Math.max(16, count)));
}

function powerOfTwo(least: number): number {
  return 2 ** Math.ceil(Math.log2(least));
}

/** Keys: their records, and 8 bytes at most for each id by which one might be found, or 16 in a table per key group. */
function keyBytes(keys: number, stride_bytes: number, limits: StoreLimits, { texts }: Traffic): number {
  return records(keys, stride_bytes) + 8 * texts + 16 * keys + 32 * limits.key_groups;
}

/** The order of rows: pages of 256 of them, at least a quarter full but for two of each of the sixteen queues. */
function orderBytes(rows: number): number {
  return records(Math.ceil(rows / 64) + 32, 256 * 16, 5);
}

function joinBytes(
  limits: StoreLimits,
  traffic: Traffic,
  keep_ms: Readonly<Record<'left' | 'right', number>>,
  bytes: Readonly<Record<'key' | 'left' | 'right', number>>,
): number {
  const most = limits.key_groups * limits.rows_per_group + 1;
  const left = Math.min(most, traffic.most(keep_ms.left));
  const right = Math.min(most, traffic.most(keep_ms.right));
  const keys = Math.min(limits.key_groups * limits.keys_per_group + 1, left + right);
  // Ids that do not stand in their rows: two texts of at most event_id_bytes, two bytes a character, and what holds them.
  const ids = (left + right) * (140 + 4 * engineLimits.event_id_bytes);
  const long = LONG_ENTRY_BYTES * longKeys(limits, traffic, Math.max(keep_ms.left, keep_ms.right));
  return (
    keyBytes(keys, bytes.key, limits, traffic) + records(left, bytes.left) + records(right, bytes.right) + ids + long
  );
}

/** Rows that a push adds before it looks what can go. */
const PUSH = engineLimits.batch_rows;

function addStore(
  bounds: Map<string, number>,
  store: RowStore,
  all: StoreLimits,
  traffic: Traffic,
  behind_ms: number,
): void {
  const limits = withStateKeys(all, store.operators[0].spec.state_keys);
  const isKeyed = store instanceof KeyedStore;
  const memory = (spec: OperatorSpec) => (isKeyed ? (spec.window?.size_ms ?? 0) : windowMemory(spec));
  const kept_ms = Math.max(...store.operators.map(({ spec }) => memory(spec))) + behind_ms;
  const reached = traffic.most(kept_ms) + PUSH;
  const keys = Math.min(limits.key_groups * limits.keys_per_group, reached);
  // A store of timed windows looks at a key's rows when they have doubled, and not below sixteen.
  const kept = isKeyed ? reached : Math.min(16 * keys + 2 * reached, keys * traffic.of_key);
  const most = Math.min(kept, keys * Math.min(traffic.of_key, limits.rows_per_key));
  const rows = Math.min(limits.key_groups * limits.rows_per_group + 1, most);
  const names = store.operators.map(({ spec }) => spec.name).join(', ');
  const add = (part: string, bytes: number) => bounds.set(part, (bounds.get(part) ?? 0) + bytes);
  add(`rows of ${names}`, records(rows, 8 * store.table.records.stride) + orderBytes(rows));
  add(`keys of ${names}`, keyBytes(keys, 8 * store.keys.records.stride, limits, traffic));
  const states = isKeyed ? hotBytes(store, keys, rows, limits, traffic) : timedBytes(store, keys);
  add(`states of ${names}`, states + LONG_ENTRY_BYTES * longKeys(limits, traffic, kept_ms));
}

function hotBytes(store: KeyedStore, keys: number, rows: number, limits: StoreLimits, traffic: Traffic): number {
  const states = store.states.records.reduce((sum, one) => sum + records(keys + 1, 8 * one.stride), 0);
  const blocks = records(keys + 1, 8 * store.blocks.records.stride, BLOCK_BITS);
  // Rings of 32 to 2,048 rows: one of more than 32 had an eighth as many rows when the last of them came.
  let rings = 0;
  for (let size = 0, places = 32; size < 7; size++, places *= 2) {
    if (size > 0 && places >= 2 * traffic.of_key) break;
    const most = size === 0 ? keys : Math.min(keys, Math.ceil((8 * 2 * rows) / places));
    rings += records(most, 16 * places, 9 - size);
  }
  const running = store.operators.filter(({ runs }) => runs).length;
  const windows = traffic.of_key < limits.running_rows ? 0 : running;
  const running_keys = Math.min(limits.running_windows, windows * keys);
  const shown = Math.max(0, ...store.operators.map(({ spec }) => spec.evidence_limit));
  return states + blocks + rings + 40 * (16 * running_keys + 2 * windows * rows) + 80 * shown * running_keys;
}

function timedBytes(store: RowStore, keys: number): number {
  const operators = store.operators.length;
  const of_key = 8 * ((1 + operators + 1) >> 1);
  const states = operators * keys + 1;
  const early = store.operators.filter(({ decided }) => decided === 'early');
  const hot = store.operators.map(({ decided, bounds }) => (decided === 'early' ? Math.max(1, bounds.payload) : 1));
  const payloads = hot.reduce((sum, payload, i) => {
    const count = early.includes(store.operators[i]) ? keys + 1 : 1;
    return sum + records(count, 8 * payload);
  }, 0);
  return records(keys + 1, of_key) + records(states, 56) + 4 * powerOfTwo(Math.max(64, states)) + payloads;
}

/** What the door holds, and the early side, whose plans are those of the rules that say EMIT EARLY. */
export function frontBounds(
  program: Program,
  limits: StoreLimits,
  traffic: Traffic,
  early_bytes: number,
): Map<string, number> {
  const waiting = Math.min(engineLimits.pending_events, traffic.most(0) + PUSH);
  const columns = program.streams[0].columns.length;
  // The door remembers ids for twice the horizon behind the watermark, to judge late records exactly (dedup.ts).
  const ids = Math.min(engineLimits.dedup_ids, traffic.most(2 * program.settings.dedup_horizon_ms));
  const early = earlyProgramOf(program)?.program;
  // The dictionary frees texts each time it has doubled, and not before it holds 2^25 characters.
  const tables = program.operators.length + program.streams.length;
  const long = tables * longBytes(limits, traffic, Number.POSITIVE_INFINITY) + waiting * traffic.longest;
  const short = engineLimits.long_text_bytes + 20 + 2 * 28 + 2 * 4 + 3 * 10;
  // Settled ones, and open ones that were told with another core.
  const early_ids = 2 * 150 * Math.min(engineLimits.early_detections, traffic.most(Number.POSITIVE_INFINITY));
  return new Map([
    ['texts', traffic.texts * short + 2 * 2 ** 18 + 2 * long + 2 * 2 ** 25],
    // Two tables at most, of 2^19 places of 64 bytes.
    ['ids by the bytes of texts', 2 * 64 * 2 ** 19],
    // What the two of these tests have: a few rows each.
    ['lookups', 4096 * (program.lookups?.length ?? 0)],
    ['events that wait', powerOfTwo(waiting) * (65 + 8 * columns) + powerOfTwo(2 * 36 * waiting)],
    // A table of ids is at most twice as large, to a power of two, as what it held when it was made.
    ['ids of events', 24 * (4 * ids + 64 * 16)],
    ['occurrences of events without id', 24 * (4 * ids + 64 * 16)],
    ['early side', early === undefined ? 0 : sumOf(boundsOf(early, limits, traffic)) + early_bytes + early_ids],
  ]);
}

function sumOf(bounds: ReadonlyMap<string, number>): number {
  return [...bounds.values()].reduce((a, b) => a + b, 0);
}
