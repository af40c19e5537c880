import type {
  AggregateFunction,
  EventSchema,
  LookupColumnSpec,
  Reference,
  RuleMetadata,
  Severity,
  StreamSettings,
  Value,
  ValueType,
} from '../../engine/index.ts';
import type { CheckedJoin, CheckedWindow } from '../check/checked.ts';

/**
 * The plan: what a checked statement means, as plain data (JSON). Columns, aggregates and key parts are named, not
 * numbered, so that the same meaning gives the same plan and the same plan hash wherever it is loaded.
 * build/ turns plans into an engine Program; `weir explain --stage plan` prints them.
 */
export interface OperatorPlan {
  readonly kind: 'rule' | 'view';
  /** CREATE TABLE: its rows are also written. Not in the hash: to its readers it is a view (EMIT AT END). */
  readonly table?: true;
  readonly name: string;
  /** 'events' or the name of a view. */
  readonly input: string;
  /** UNNEST: what of its input becomes rows. Absent: nothing. */
  readonly unnests?: readonly UnnestPlan[];
  /** The conjuncts of WHERE (AND is taken apart); expressions over columns. */
  readonly where: readonly Expression[];
  /** null: one row in, one row out. Else the parts of GROUP BY; [] is one group per tenant. */
  readonly key: readonly NamedExpression[] | null;
  readonly window: WindowPlan | null;
  /** Every different aggregate call of SELECT and HAVING once. */
  readonly aggregates: readonly AggregatePlan[];
  /** Over aggregates, key parts and window bounds; null when there is none. */
  readonly having: Expression | null;
  /** Top-level conjuncts of HAVING that are lower bounds (S8), and whether they are all of it. */
  readonly bounds: readonly BoundPlan[];
  readonly bounds_are_exact: boolean;
  /** Windowed: over aggregates, key parts, window bounds. Else over columns. */
  readonly outputs: readonly NamedExpression[];
  readonly suppress: {
    readonly by: readonly string[];
    readonly for_ms: number;
    readonly reset: boolean;
  } | null;
  readonly evidence_limit: number;
  /** RISK; `score` over columns whose path is a place in the detection. */
  readonly risk?: {
    readonly score: Expression;
    readonly type: string;
    readonly entity: Reference;
    readonly half_life_ms: number;
  };
  /** EMIT EARLY; not in the hash, because the final set is the same (S5). */
  readonly emits_early: boolean;
  /** Meaning of the lookups that its own expressions read, which is part of the hash; absent where it reads none. */
  readonly lookups?: readonly Omit<LookupPlan, 'source' | 'path'>[];
  /** CREATE EXCEPTION on it. IGNORE stands in `where`; of both only what they mean is in the hash. Absent: none. */
  readonly exceptions?: readonly ExceptionPlan[];
  /** ESCALATE, UPDATE AT END, CLOSE AFTER; conditions over columns whose path is a place in the detection. */
  readonly life?: {
    readonly escalations: readonly { readonly when: Expression; readonly severity: Severity }[];
    readonly update_at_end: boolean;
    readonly close_after_ms: number | null;
  };
  /** STATE MAX. */
  readonly state_keys?: number;
  /** ACROSS TENANTS; among which ones is the first condition of `where`. */
  readonly across?: true;
  /** TUNE: the rule as it is for some tenants, under the same name and hash; `where` of each says which. Absent: none. */
  readonly tunes?: readonly TunePlan[];
  /** Values the PARAMs have in this plan; their uses in expressions are literals already. */
  readonly params: readonly ParamPlan[];
  /** Not in the hash. References in it are by position (engine/program.ts, Reference). */
  readonly metadata: RuleMetadata;
  /** SEVERITY CASE, over columns whose path is a place in the detection; not in the hash. */
  readonly severity?: Expression;
  /** Where the statement stands; not in the hash. */
  readonly source: { readonly path: string; readonly line: number };
  /** sha256 over the meaning, views it reads included; 16 hex digits (S7). */
  readonly hash: string;
}

/** A row for each element of an array, which is a text column of this name; several, one behind the other. */
export interface UnnestPlan {
  readonly array: Expression;
  readonly column: string;
}

/**
 * A stream of pairs, or of left rows that have a partner (EXISTS) or none (S9); rules and views read it by its name, which
 * is made of its parts: equal joins are one.
 */
export interface JoinPlan {
  readonly name: string;
  /** 'events', a view or another join; and a stream or a view. */
  readonly left: string;
  readonly right: string;
  /** First part of the names and paths of its columns; null where they have the names that they have on the left side. */
  readonly left_alias: string | null;
  readonly right_alias: string;
  /** UNNEST of a side, over the columns of its own stream, before it is joined. Absent: none. */
  readonly left_unnests?: readonly UnnestPlan[];
  readonly right_unnests?: readonly UnnestPlan[];
  readonly kind: CheckedJoin['kind'];
  /** See CheckedJoin; absent where it is none, so that it is in no other rule's hash. */
  readonly as_of?: true;
  readonly before_ms: number;
  readonly after_ms: number;
  /** Over columns of the side's own stream, like the keys. */
  readonly left_where: readonly Expression[];
  readonly right_where: readonly Expression[];
  readonly keys: readonly { readonly left: Expression; readonly right: Expression; readonly name: string }[];
  /** Asked of every pair; over columns with aliases. */
  readonly residual: readonly Expression[];
  readonly hash: string;
}

/** A stream of the rows of several views, the SELECTs of a UNION ALL; read by its name. */
export interface UnionPlan {
  readonly name: string;
  /** Names of the views; their outputs are its columns. Nothing else reads them. */
  readonly branches: readonly string[];
  readonly columns: readonly { readonly name: string; readonly type: ValueType }[];
  readonly hash: string;
}

export interface NamedExpression {
  readonly name: string;
  readonly type: ValueType;
  readonly expression: Expression;
}

/** A window, and when it is decided: 'early' where HAVING only gets truer with more rows, else 'end'. */
export type WindowPlan =
  | { readonly kind: 'sliding'; readonly size_ms: number; readonly decided: 'event' }
  | (Exclude<CheckedWindow, { readonly kind: 'sliding' }> & { readonly decided: 'early' | 'end' });

/** `aggregate >= least`. Where there is no least number: a max that is enough once `reached` was true of a row. */
export interface BoundPlan {
  readonly aggregate: number;
  readonly least: number;
  readonly reached?: Expression;
}

export interface AggregatePlan {
  readonly function: AggregateFunction;
  /** null for count(*). */
  readonly argument: Expression | null;
  readonly filter: Expression | null;
  readonly type: ValueType;
  readonly limit: number;
  readonly distinct: boolean;
  /** approx_percentile only. */
  readonly fraction?: number;
  readonly non_negative: boolean;
}

export interface ParamPlan {
  readonly name: string;
  readonly type: ValueType;
  readonly value: Value;
  readonly least: number | null;
  readonly greatest: number | null;
}

/**
 * A typed expression. NULL follows three-valued logic. `call` names a function or an operator of the functions
 * registry ('=', '+', 'like', 'lower', 'cast_int', ...): one table of meanings for both.
 */
export type Expression =
  | { readonly kind: 'literal'; readonly type: ValueType; readonly value: Value }
  | ColumnExpression
  | LookupExpression
  | { readonly kind: 'key'; readonly index: number; readonly type: ValueType }
  | { readonly kind: 'aggregate'; readonly index: number; readonly type: ValueType }
  | { readonly kind: 'window_start' | 'window_end'; readonly type: 'timestamp' }
  | {
      readonly kind: 'call';
      readonly function: string;
      readonly arguments: readonly Expression[];
      readonly type: ValueType;
    }
  | { readonly kind: 'and' | 'or'; readonly arguments: readonly Expression[]; readonly type: 'bool' }
  | { readonly kind: 'not'; readonly argument: Expression; readonly type: 'bool' }
  | { readonly kind: 'is_null'; readonly argument: Expression; readonly type: 'bool' }
  | {
      readonly kind: 'in';
      readonly argument: Expression;
      readonly list: readonly Expression[];
      readonly type: 'bool';
    }
  | {
      readonly kind: 'case';
      readonly branches: readonly { readonly when: Expression; readonly then: Expression }[];
      readonly otherwise: Expression | null;
      readonly type: ValueType;
    };

/** A column of the input stream: a declared field, a details path, a view's output, `timestamp` or `tenant_id`. */
export interface ColumnExpression {
  readonly kind: 'column';
  /** Declared name (never an alias), or the details path joined by dots. */
  readonly name: string;
  readonly path: readonly string[];
  readonly type: ValueType;
  /** See engine/program.ts, FieldColumn. */
  readonly conversion: 'declared' | 'literal' | 'cast';
}

/** What a lookup has for a key as of the row's time (S9): `output` null is a bool, whether it has a row. */
export interface LookupExpression {
  readonly kind: 'lookup';
  readonly lookup: string;
  readonly output: string | null;
  /** Over columns; one per column of the lookup's primary key. */
  readonly keys: readonly Expression[];
  readonly type: ValueType;
}

export interface TunePlan {
  readonly tenants: readonly string[];
  readonly because: string;
  readonly owner: string | null;
  readonly plan: OperatorPlan;
}

export interface ExceptionPlan {
  readonly name: string;
  readonly action: 'ignore' | 'mute';
  /** IGNORE: over columns, its valid time included. MUTE: over columns whose path is a place in the detection. */
  readonly condition: Expression;
  /** [from, to) of event time; null is open. */
  readonly valid_from_ms: number | null;
  readonly valid_to_ms: number | null;
  readonly because: string;
  readonly owner: string | null;
}

/** CREATE LOOKUP. The columns, the key and the bounds of validity are meaning; where the rows come from is not. */
export interface LookupPlan {
  readonly name: string;
  readonly columns: readonly LookupColumnSpec[];
  /** Names of the columns of the primary key. */
  readonly key: readonly string[];
  /** Names of the columns that bound the time in which a row is valid, where the lookup has them. */
  readonly valid_from: string | null;
  readonly valid_to: string | null;
  /** File of the rows, as written; and the rule file that says so. */
  readonly source: string;
  readonly path: string;
}

/** CREATE STREAM: fields, and what the door and the order need. Without one: schema v1 and the defaults. */
export interface StreamPlan {
  readonly name: string;
  readonly schema: EventSchema;
  readonly settings: StreamSettings;
  /** SHARING TENANTS; absent where none does. */
  readonly sharing?: readonly string[];
}

/** What a set of rule files compiles to. Operators are sorted by (depth, name): a view before whatever reads it. */
export interface ProgramPlan {
  readonly stream: StreamPlan;
  readonly operators: readonly OperatorPlan[];
  /** A join before those that read it; absent where there is none. */
  readonly joins?: readonly JoinPlan[];
  /** Absent where there is none. */
  readonly unions?: readonly UnionPlan[];
  /** By name; absent where there is none. */
  readonly lookups?: readonly LookupPlan[];
  readonly hash: string;
}
