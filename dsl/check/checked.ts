import type {
  EventSchema,
  Reference,
  RuleMetadata,
  Severity,
  StreamSettings,
  Value,
  ValueType,
} from '../../engine/index.ts';
import type { Span } from '../diagnostics/diagnostic.ts';
import type { AggregatePlan, LookupPlan, ParamPlan } from '../plan/plan.ts';

/**
 * The checked rule: every name is resolved to what it means and every expression has a type. Aliases and parameters
 * are gone (their meaning stands in their place); places stay, for the lints that come after.
 */
export type Checked =
  | { readonly kind: 'literal'; readonly type: ValueType; readonly value: Value; readonly span: Span }
  | CheckedColumn
  | { readonly kind: 'window_start' | 'window_end'; readonly type: 'timestamp'; readonly span: Span }
  | {
      readonly kind: 'call';
      readonly function: string;
      readonly arguments: readonly Checked[];
      readonly type: ValueType;
      readonly span: Span;
    }
  | {
      readonly kind: 'and' | 'or';
      readonly arguments: readonly Checked[];
      readonly type: 'bool';
      readonly span: Span;
    }
  | { readonly kind: 'not' | 'is_null'; readonly argument: Checked; readonly type: 'bool'; readonly span: Span }
  | {
      readonly kind: 'in';
      readonly argument: Checked;
      readonly list: readonly Checked[];
      readonly type: 'bool';
      readonly span: Span;
    }
  | {
      readonly kind: 'case';
      readonly branches: readonly { readonly when: Checked; readonly result: Checked }[];
      readonly otherwise: Checked | null;
      readonly type: ValueType;
      readonly span: Span;
    }
  | CheckedLookupValue
  | CheckedAggregate
  /** Part `index` of GROUP BY. */
  | { readonly kind: 'key'; readonly index: number; readonly type: ValueType; readonly span: Span };

/** What a lookup has for a key as of the row's time: whether it has a row, or a value of that row. */
export interface CheckedLookupValue {
  readonly kind: 'lookup';
  readonly lookup: string;
  /** null: a bool, whether there is a row. */
  readonly output: string | null;
  /** One per column of the primary key. */
  readonly keys: readonly Checked[];
  readonly type: ValueType;
  readonly span: Span;
}

export interface CheckedColumn {
  readonly kind: 'column';
  readonly name: string;
  readonly path: readonly string[];
  readonly type: ValueType;
  readonly conversion: 'declared' | 'literal' | 'cast';
  /** The name as the rule writes it, for messages: `result` for `auth.result`. */
  readonly written: string;
  readonly span: Span;
}

export interface CheckedAggregate {
  readonly kind: 'aggregate';
  readonly function: AggregatePlan['function'];
  readonly argument: Checked | null;
  readonly filter: Checked | null;
  readonly type: ValueType;
  readonly limit: number;
  readonly distinct: boolean;
  /** approx_percentile only. */
  readonly fraction?: number;
  readonly non_negative: boolean;
  readonly span: Span;
}

/** A path into details whose type its use has yet to fix. */
export interface DetailsPath {
  readonly kind: 'details';
  readonly name: string;
  readonly path: readonly string[];
  readonly span: Span;
}

export interface CheckedOutput {
  readonly name: string;
  readonly expression: Checked;
  /** Other names under which readers of a view know it: those of the field that it passes on. */
  readonly aliases: readonly string[];
  readonly span: Span;
}

export interface CheckedKey {
  readonly name: string;
  readonly expression: Checked;
}

/**
 * `left JOIN right WITHIN ... ON ...`, or `left WHERE [NOT] EXISTS (SELECT ... right WHERE ... WITHIN ...)`. Columns have
 * the alias of their side as the first part of name and path; those that an operator reads behind an EXISTS have the
 * names that they have without it.
 */
export interface CheckedJoin {
  /** The alias of a side that is a join of joins is null; that of one with EXISTS is its stream's. */
  readonly left:
    | { readonly input: string; readonly alias: string; readonly join: null; readonly unnests: Unnests }
    | { readonly input: null; readonly alias: string | null; readonly join: CheckedJoin; readonly unnests: Unnests };
  readonly right: { readonly input: string; readonly alias: string; readonly unnests: Unnests };
  /** 'semi': EXISTS, 'anti': NOT EXISTS. */
  readonly kind: 'inner' | 'left' | 'semi' | 'anti';
  /** The right side is a table, read as a baseline (S8); before_ms is how long its rows are kept for that. */
  readonly as_of?: true;
  readonly before_ms: number;
  readonly after_ms: number;
  /** Where WITHIN stands, if it is one length for both directions: whoever names a direction means it. */
  readonly both_ways?: Span;
  readonly keys: readonly { readonly left: Checked; readonly right: Checked; readonly name: string }[];
  readonly left_where: readonly Checked[];
  readonly right_where: readonly Checked[];
  /** Conditions of ON that are asked of every pair. */
  readonly residual: readonly Checked[];
  readonly span: Span;
}

/** One behind the other, each over the columns of what stands before it. */
type Unnests = readonly CheckedUnnest[];

/** A row for each element of an array, which is a column of that name. */
export interface CheckedUnnest {
  readonly array: Checked;
  readonly column: string;
  readonly span: Span;
}

export interface CheckedSelect {
  readonly input: string;
  /** null: the input is a stream or a view. */
  readonly join: CheckedJoin | null;
  /** Of its input; those of a join are those of its sides. */
  readonly unnests: Unnests;
  /** Of each LEFT JOIN of a lookup, whether it has a row. */
  readonly outer_lookups: readonly CheckedLookupValue[];
  readonly where: Checked | null;
  /** null: one row in, one row out. */
  readonly key: readonly CheckedKey[] | null;
  readonly window: CheckedWindow | null;
  readonly having: Checked | null;
  readonly outputs: readonly CheckedOutput[];
}

/** WINDOW, as windows.ts checks it: what it means but for when it is decided. */
export type CheckedWindow =
  | { readonly kind: 'sliding'; readonly size_ms: number }
  | (CheckedAlignment & { readonly kind: 'tumbling'; readonly size_ms: number })
  | (CheckedAlignment & { readonly kind: 'hopping'; readonly size_ms: number; readonly advance_ms: number })
  | { readonly kind: 'session'; readonly gap_ms: number; readonly max_ms: number | null };

/** Absent where it is not written, so that a window without it keeps its plan hash. */
interface CheckedAlignment {
  readonly offset_ms?: number;
  /** IANA name; UTC is absent. */
  readonly zone?: string;
  readonly empty_ms?: number;
  /** WITH EMPTY KEYS OF: the lookup's name. */
  readonly empty_keys?: string;
}

/** A checked CREATE RULE, CREATE VIEW or CREATE TABLE. */
export interface CheckedOperator {
  readonly kind: 'rule' | 'view';
  /** CREATE TABLE: a view that is decided at the ends of its windows, whose rows are also written. */
  readonly table: boolean;
  readonly name: string;
  /** Of a view that stands in another statement: its name as written there. `name` begins with that statement's. */
  readonly local: string | null;
  readonly path: string;
  readonly span: Span;
  readonly name_span: Span;
  readonly select: CheckedSelect;
  /** Which SELECT of a UNION ALL it is, from 1; null: none. */
  readonly branch: number | null;
  readonly params: readonly ParamPlan[];
  readonly metadata: RuleMetadata;
  /** SEVERITY CASE, over the detection's columns (detection-scope.ts). */
  readonly severity: Checked | null;
  readonly risk: CheckedRisk | null;
  readonly life: CheckedLife | null;
  /** STATE MAX; null: the engine's own bound. */
  readonly state_keys: number | null;
  /** RETENTION of a table; null: the engine's own. Part of its readers' meaning. */
  readonly retention_ms: number | null;
  readonly suppress: { readonly by: readonly string[]; readonly for_ms: number; readonly reset: boolean } | null;
  readonly evidence_limit: number;
  readonly emit_at_end: boolean;
  /** Where ACROSS TENANTS stands. */
  readonly across: Span | null;
  readonly exceptions: readonly CheckedException[];
  readonly tunes: readonly CheckedTune[];
  /** Where EMIT EARLY stands; null without. */
  readonly emit_early: Span | null;
}

/** ESCALATE, UPDATE AT END, CLOSE AFTER; conditions are over the detection's columns. */
export interface CheckedLife {
  readonly escalations: readonly { readonly when: Checked; readonly severity: Severity }[];
  readonly update_at_end: boolean;
  readonly close_after_ms: number | null;
}

/** RISK, over the detection's columns. */
export interface CheckedRisk {
  readonly score: Checked;
  readonly type: string;
  readonly entity: Reference;
  readonly half_life_ms: number;
}

/** CREATE EXCEPTION on one operator. IGNORE stands in its WHERE already, with the time in which it is valid. */
export interface CheckedException {
  /** Where its name stands. */
  readonly place: { readonly path: string; readonly span: Span };
  readonly name: string;
  readonly action: 'ignore' | 'mute';
  /** IGNORE: over what the operator reads, valid time included. MUTE: over the detection's columns. */
  readonly condition: Checked;
  readonly valid_from_ms: number | null;
  readonly valid_to_ms: number | null;
  readonly because: string;
  readonly owner: string | null;
}

/** TUNE: the rule as it is for some tenants. */
export interface CheckedTune {
  readonly tenants: readonly string[];
  readonly because: string;
  readonly owner: string | null;
  readonly operator: CheckedOperator;
}

/** A stream of the rows of several views, the SELECTs of a UNION ALL. */
export interface CheckedUnion {
  readonly name: string;
  /** Names of the operators, in the order of the text. */
  readonly branches: readonly string[];
  readonly columns: readonly { readonly name: string; readonly type: ValueType }[];
}

/** A checked CREATE LOOKUP. */
export interface CheckedLookup extends LookupPlan {
  readonly span: Span;
}

export interface CheckedStream {
  readonly name: string;
  readonly schema: EventSchema;
  readonly settings: StreamSettings;
  /** SHARING TENANTS; absent where none does. */
  readonly sharing?: readonly string[];
}

const identities = new WeakMap<Checked, string>();

/**
 * What makes two expressions the same: everything but where they stand and by which alias a field is named. Kept by
 * expression, which never changes: the lint asks for it at each mention.
 */
export function identity(expression: Checked): string {
  const known = identities.get(expression);
  if (known !== undefined) return known;
  const text = JSON.stringify(expression, (key, value) => (key === 'span' || key === 'written' ? undefined : value));
  identities.set(expression, text);
  return text;
}
