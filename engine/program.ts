import type { Digest } from './detections/id.ts';
import type { EventSchema } from './event-schema.ts';
import type { Failures } from './failures.ts';
import type { Truth, Value, ValueType } from './value.ts';

/**
 * A program: everything the engine has to know to run a set of rules. dsl/build makes it from checked plans. It is
 * data plus functions over plain values, pure but for what they tell `failures`; they are called once per distinct value, per hot judgement or
 * per detection, and not once per event where a typed array can answer instead.
 */
export interface Program {
  readonly settings: StreamSettings;
  readonly schema: EventSchema;
  /** streams[0] is `events`; each of the others stands behind what its rows are made of. */
  readonly streams: readonly StreamSpec[];
  /** Rules and views, a view before whatever reads it; sorted by (depth, name). */
  readonly operators: readonly OperatorSpec[];
  /** CREATE LOOKUP; absent where there is none. Their rows come as entries of the log. */
  readonly lookups?: readonly LookupSpec[];
  /** Hash over the meaning of all plans and settings: a checkpoint of another hash is not restored. */
  readonly hash: string;
  /** What its expressions tell of values that came to nothing; absent: nobody is told. */
  readonly failures?: Failures;
  /** No expression over rows tells of a value that came to nothing: a row that no rule reads need not be looked at. */
  readonly rows_cannot_fail?: true;
  /** A faster sha256 than the engine's own, of the same results: where a runtime has one built in. */
  readonly digest?: Digest;
}

/** semantics.md S3 and S4; all in milliseconds. */
export interface StreamSettings {
  readonly lateness_ms: number;
  readonly idle_ms: number;
  readonly max_ahead_ms: number;
  readonly dedup_horizon_ms: number;
}

export interface StreamSpec {
  readonly name: string;
  readonly columns: readonly ColumnSpec[];
  /** Set for a stream whose rows are pairs of rows of earlier streams, or left rows by what they match (EXISTS). */
  readonly join?: JoinSpec;
}

/** `left JOIN right WITHIN (BEFORE before_ms, AFTER after_ms) ON` equal keys, of one tenant (S9); and EXISTS. */
export interface JoinSpec {
  readonly left: JoinSide;
  readonly right: JoinSide;
  /** The right row lies from before_ms before to after_ms after the left one; neither is negative. */
  readonly before_ms: number;
  readonly after_ms: number;
  /**
   * 'inner' and 'left' make rows of pairs; with 'left' a left row without a match becomes a row of its own, with NULLs, at
   * its time + after_ms. 'semi' (EXISTS) gives a left row once, at the later of it and the first right row that matches;
   * 'anti' (NOT EXISTS) gives it without a match, at its time + after_ms.
   */
  readonly kind: 'inner' | 'left' | 'semi' | 'anti';
  /**
   * The right side is a table that is read as a baseline (S8): of the left row's key the last row whose window ended at
   * or before the left row's time, and at most before_ms earlier. Its rows are the left rows, with the columns of what
   * was found; with 'left' also those for which nothing was. `after_ms` is 0, `residual` null. Absent: a join of streams.
   */
  readonly as_of?: true;
  /** Names of the equalities in ON, in their order: a pair's detection has their values as its key. */
  readonly key_names: readonly string[];
  /** For each field column of the joined stream, where its values come from. */
  readonly sources: readonly { readonly side: 'left' | 'right'; readonly column: number }[];
  /** What ON asks of a pair beside its key: of the values of these sources. null: nothing. */
  readonly residual: { readonly sources: readonly number[]; test(values: readonly Value[]): Truth } | null;
}

/** The streams whose rows a joined stream is made of, joins of joins followed down. */
export function joinedStreams(program: Pick<Program, 'streams'>, stream: number): number[] {
  const { join } = program.streams[stream];
  if (join === undefined) return [];
  const sides = [join.left.stream, join.right.stream];
  return [...sides, ...sides.flatMap((side) => joinedStreams(program, side))];
}

export interface JoinSide {
  /** Index of an earlier stream. */
  readonly stream: number;
  /** What its rows must pass before they are joined. */
  readonly where: readonly Conjunct[];
  /** Its columns of the equalities in ON, in their order. */
  readonly key: readonly number[];
}

/** Whether a column is an Int32Array of dictionary ids or a Float64Array (batch.ts). */
export type ColumnStorage = 'id' | 'number';

export type ColumnSpec = FieldColumn | ComputedColumn | LookupColumn;

/** Read from the event by the decoder, or (in a view's stream) from the view's output of that name. */
export interface FieldColumn {
  readonly kind: 'field';
  readonly name: string;
  /** Path in the event: ['actor', 'ip'], ['details', 'app']. In a view's stream [output name]. */
  readonly path: readonly string[];
  readonly type: ValueType;
  readonly storage: ColumnStorage;
  /** A details path takes its type from its use: 'literal' (another JSON type is NULL) or 'cast' (as ::type does). */
  readonly conversion: 'declared' | 'literal' | 'cast';
}

/** `lower(platform)`: computed by the fold; once per distinct input where all inputs are one id column. */
export interface ComputedColumn {
  readonly kind: 'computed';
  readonly name: string;
  readonly type: ValueType;
  readonly storage: ColumnStorage;
  /** Indexes of earlier columns of the same stream. `timestamp` and `tenant_id` are the columns -1 and -2. */
  readonly inputs: readonly number[];
  evaluate(inputs: readonly Value[]): Value;
}

/** What a lookup says of a row's key, as of the row's time (S9): whether it has it, or a value of the row that it has. */
export interface LookupColumn {
  readonly kind: 'lookup';
  readonly name: string;
  readonly type: ValueType;
  readonly storage: ColumnStorage;
  /** Index into Program.lookups. */
  readonly lookup: number;
  /** Earlier columns of the same stream, one per part of the lookup's key: an ip for a cidr, else the same type. */
  readonly inputs: readonly number[];
  /** Column of the lookup; null: a bool, whether there is a row. NULL in the key, or no version yet, gives NULL. */
  readonly output: number | null;
}

export interface LookupColumnSpec {
  readonly name: string;
  readonly type: ValueType;
}

/** Reference rows with valid time (S9, S13). */
export interface LookupSpec {
  readonly name: string;
  readonly columns: readonly LookupColumnSpec[];
  /** Columns of the primary key. A cidr stands alone: the longest network that holds the address counts. */
  readonly key: readonly number[];
  /** Columns that bound the time in which a row is valid, [valid_from, valid_to); null: it is not bounded there. */
  readonly valid_from: number | null;
  readonly valid_to: number | null;
}

/** Pseudo column indexes for the row's own time and tenant, usable wherever a column index is read. */
export const TIMESTAMP_COLUMN = -1;
export const TENANT_COLUMN = -2;

/** Whose detections those of rules ACROSS TENANTS are; CREATE STREAM refuses it as the name of a tenant that shares. */
export const ACROSS_TENANT = '*';

/** One conjunct of a WHERE: a pure condition over a few columns of the row. */
export interface Conjunct {
  readonly columns: readonly number[];
  /** Values in the order of `columns`; the row passes when every conjunct is true (not false, not UNKNOWN). */
  test(values: readonly Value[]): Truth;
  /** Set when the conjunct is `column op constant` on a number column: lets the router class values by threshold. */
  readonly comparison?: { readonly operator: '=' | '<>' | '<' | '<=' | '>' | '>='; readonly constant: number };
  /**
   * Set when the conjunct can be true only for these values of its one column (`column = constant`, `column IN (...)`
   * on a string): operators whose values differ never read the same row, so they need not share a row store.
   */
  readonly values?: readonly Value[];
  /**
   * Set where all values but these (and NULL) have one and the same outcome: the conjunct only compares its one column
   * for equality. Values come from outside, so what is not said here may have any combination of outcomes.
   */
  readonly named?: readonly Value[];
}

export type AggregateFunction =
  | 'count'
  | 'count_distinct'
  | 'sum'
  | 'min'
  | 'max'
  | 'avg'
  | 'first'
  | 'last'
  | 'any_value'
  | 'array_agg'
  | 'stddev'
  | 'approx_count_distinct'
  | 'approx_percentile'
  | 'top'
  | 'entropy';

export interface AggregateSpec {
  readonly function: AggregateFunction;
  /** Column of the input stream; null for count(*). */
  readonly column: number | null;
  readonly type: ValueType;
  /** A bool column: FILTER (WHERE ...); only rows where it is true count. */
  readonly filter: number | null;
  /** array_agg, top: keep at most this many; array_agg: whether equal values are kept once. */
  readonly limit: number;
  readonly distinct: boolean;
  /** approx_percentile only: which one, from 0 to 1. */
  readonly fraction?: number;
  /** sum only: the values cannot be negative, so that more rows can only raise it (S8). */
  readonly non_negative: boolean;
  /** sum, avg: called where rows have values and their sum has none, beyond 2^53 or as a float beyond all bounds. */
  readonly onFailure?: () => void;
}

/** A necessary condition of HAVING: aggregate >= least. */
export interface LowerBound {
  readonly aggregate: number;
  readonly least: number;
  /** A bool column that stands for the one of a max, of texts for example: whether a row's value is enough (`least` is 1). */
  readonly reached?: number;
}

export type WindowSpec =
  | { readonly kind: 'sliding'; readonly size_ms: number }
  | (AlignedWindow & { readonly kind: 'tumbling' })
  | (AlignedWindow & { readonly kind: 'hopping'; readonly advance_ms: number })
  | {
      readonly kind: 'session';
      readonly gap_ms: number;
      readonly max_ms: number | null;
      /** The longest that a session lasts, where that is bounded; else GAP. */
      readonly size_ms: number;
      readonly decided: 'early' | 'end';
    };

/** TUMBLING and HOPPING: [start, end). */
interface AlignedWindow {
  readonly size_ms: number;
  readonly decided: 'early' | 'end';
  /** Absent: starts are multiples of the advance since the epoch, UTC. */
  readonly calendar?: CalendarSpec;
  /** WITH EMPTY FOR: windows without rows of a key that was seen so far back give a result too; absent: they do not. */
  readonly empty_ms?: number;
  /** WITH EMPTY KEYS OF: keys of this lookup (an index into Program.lookups) have a result for windows without rows. */
  readonly empty_lookup?: number;
}

/** OFFSET and IN TIME ZONE (S8). */
export interface CalendarSpec {
  readonly offset_ms: number;
  /**
   * IN TIME ZONE: the last instant at or before `time` at which the zone's clock shows a multiple of `step_ms` since the
   * epoch, plus the offset. Does not fall where time rises, and gives its own results back. null: UTC.
   */
  readonly startOf: ((time: number, step_ms: number, offset_ms: number) => number) | null;
}

/** WITH EMPTY KEYS OF: whether the operator asks since when tenants are known. */
export function expectsKeys({ window }: Pick<OperatorSpec, 'window'>): boolean {
  return window !== null && 'empty_lookup' in window;
}

/** What HAVING and the SELECT's expressions of a windowed operator see. */
export interface GroupResult {
  /** Values of the group's key columns, in the order of OperatorSpec.key. */
  readonly key: readonly Value[];
  /** In the order of OperatorSpec.aggregates. */
  readonly aggregates: readonly Value[];
  /** Values of OperatorSpec.row_columns of the row itself; empty for a windowed operator. */
  readonly row: readonly Value[];
  readonly window_start: number;
  readonly window_end: number;
}

export interface OutputSpec {
  readonly name: string;
  readonly type: ValueType;
  evaluate(result: GroupResult): Value;
}

/** A place in a detection: a selected column or a part of the group's key. */
export interface Reference {
  readonly from: 'output' | 'key';
  readonly index: number;
}

/** An exception that keeps detections as suppressed: decided in [from_ms, to_ms), where the test is true. */
export interface MuteSpec {
  readonly name: string;
  readonly from_ms: number;
  readonly to_ms: number;
  test(decided: Decided): Truth;
}

export interface SuppressSpec {
  readonly by: readonly Reference[];
  readonly for_ms: number;
  /** SLIDING only: a firing removes the key's rows up to it (S13). */
  readonly reset: boolean;
}

export interface OperatorSpec {
  readonly name: string;
  readonly kind: 'rule' | 'view';
  /** CREATE TABLE: a view whose rows also leave the engine, as those of this table: SELECTs of a UNION ALL have one. */
  readonly table?: string;
  /** Number of views between the events and this operator: 0 reads events. */
  readonly depth: number;
  /** Index into Program.streams. */
  readonly input: number;
  /** For a view: index of the stream it makes; the SELECTs of a UNION ALL make one together. -1 for a rule. */
  readonly output_stream: number;
  readonly plan_hash: string;
  /** Indexes of the lookups that it or a view under it reads; absent where there is none. */
  readonly lookups?: readonly number[];
  readonly where: readonly Conjunct[];
  /**
   * UNNEST: a row for each element of an array column of the input. Outputs read the element in GroupResult.row behind
   * `row_columns`. Only for a view without key. `below`: so many UNNESTs made the rows of the input, one of the other's.
   */
  readonly unnest?: { readonly column: number; readonly below: number };
  /** null: a single-event rule or view (no window). Else the group's key columns; [] is one group per tenant. */
  readonly key: readonly number[] | null;
  /** The operator's own names for the parts of its key: a column's name may be another operator's. [] without a key. */
  readonly key_names: readonly string[];
  readonly window: WindowSpec | null;
  readonly aggregates: readonly AggregateSpec[];
  /** null: no HAVING, always true. */
  readonly having: ((result: GroupResult) => Truth) | null;
  /** Which of `aggregates` HAVING reads. */
  readonly having_reads: readonly number[];
  /** Conjuncts of HAVING that are lower bounds: all are necessary. */
  readonly bounds: readonly LowerBound[];
  /** HAVING is exactly the AND of `bounds`. */
  readonly bounds_are_exact: boolean;
  /** Columns of the row that the outputs of a single-event operator read. */
  readonly row_columns: readonly number[];
  readonly outputs: readonly OutputSpec[];
  readonly suppress: SuppressSpec | null;
  readonly evidence_limit: number;
  /** EMIT EARLY: its detections also leave on arrival (S5); outside the plan hash, the final set is the same. */
  readonly emits_early?: boolean;
  readonly metadata: RuleMetadata;
  /** SEVERITY CASE; null where no branch fits: then metadata.severity. Outside the plan hash like that. */
  readonly severity?: (decided: Decided) => Severity | null;
  readonly risk?: RiskSpec;
  /** ACROSS TENANTS: groups hold rows of all tenants that its WHERE lets in, and their tenant is ACROSS_TENANT. */
  readonly across?: true;
  /** MUTE of exceptions; absent where there is none. */
  readonly mutes?: readonly MuteSpec[];
  /** STATE MAX: keys that its row store keeps, an equal part in each key group. It shares the store with its equals only. */
  readonly state_keys?: number;
  /** What happens to a detection after it was opened. */
  readonly life?: LifeSpec;
}

/** ESCALATE, UPDATE AT END and CLOSE AFTER (fold/life.ts). */
export interface LifeSpec {
  readonly escalations: readonly { readonly when: (decided: Decided) => Truth; readonly severity: Severity }[];
  readonly update_at_end: boolean;
  readonly close_after_ms: number | null;
}

/** RISK: what a detection adds to the score of an entity, and in which time half of that is gone. */
export interface RiskSpec {
  readonly score: (decided: Decided) => Value;
  readonly entity: { readonly type: string; readonly id: Reference };
  readonly half_life_ms: number;
}

/** What a detection has for the clauses behind the SELECT: its columns, and when and for whom it was decided. */
export interface Decided {
  readonly tenant: string;
  readonly decided_at: number;
  readonly key: readonly Value[];
  readonly values: readonly Value[];
}

export type Severity = 'info' | 'low' | 'medium' | 'high' | 'critical';

/** RESPOND: what to do, on the value of which column; only a recommendation. */
export interface RespondSpec {
  readonly responses: readonly string[];
  readonly column: string;
  readonly on: Reference;
  readonly while_open: boolean;
}

/** What a detection shows but what does not decide it; outside the plan hash (S7). */
export interface RuleMetadata {
  /** Text with {column} places: literal parts and references in turn. */
  readonly title: readonly (string | Reference)[];
  readonly severity: Severity;
  readonly confidence: number | null;
  readonly attack: readonly string[];
  readonly entity: { readonly type: string; readonly id: Reference } | null;
  readonly description: string | null;
  readonly runbook: string | null;
  readonly tags: readonly string[];
  readonly references: readonly string[];
  readonly respond?: RespondSpec;
  /** Absent: live. shadow: recorded and marked, not published as an alert. signal: neither; it feeds rules and risk. */
  readonly mode?: 'shadow' | 'signal';
}
