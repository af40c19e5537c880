/**
 * Rules and events in a small JSON form, the one of the shared pinned cases: it tests the engine and not the parser,
 * and the naive oracle reads it without any code of the product. `toSql` says the same rules in Weir SQL.
 */
export interface SimulationEvent {
  timestamp: number;
  event_id?: string;
  seq?: number;
  tenant_id: string;
  type: string;
  k1: string | null;
  k2: string | null;
  x: number | null;
  ip: string | null;
  res: string | null;
  /** Not in the pinned cases: a text, a float, a truth, a time (milliseconds or ISO 8601), an address, and an array. */
  nm?: string | null;
  fl?: number | null;
  bo?: boolean | null;
  ts?: number | string | null;
  ad?: string | null;
  tags?: readonly (string | number | boolean | null)[] | null;
  /** The open part of an event, and two extra fields at the top, which belong to it. */
  details?: { readonly [name: string]: Json } | null;
  extra?: Json;
  deep?: Json;
}

export type Scalar = string | number | boolean | null;

export type Json = Scalar | readonly Json[] | { readonly [name: string]: Json };

export interface SimulationRecord {
  partition: string;
  position: number;
  /** null stands for a record that is not valid. */
  event: SimulationEvent | null;
}

export type Condition =
  | readonly ['v', string | number | boolean | null]
  | readonly ['f', string]
  | readonly ['a', string]
  /**
   * A path into details, its parts with slashes between; of which type, and what says so: a cast, a literal beside it, or
   * (of IS NULL) nothing. At the end the side that it is of.
   */
  | readonly ['d', string, DetailsType, 'cast' | 'literal' | 'none', string?]
  | readonly ['ref', string, string]
  | readonly ['and' | 'or', ...Condition[]]
  | readonly ['not', Condition]
  | readonly ['=' | '<>' | '<' | '<=' | '>' | '>=', Condition, Condition]
  | readonly ['in', Condition, readonly (string | number)[]]
  /** Whether the field is in the lookup `known` at the time of the event. */
  | readonly ['known', string]
  /** ANY over a field or an aggregate that is an array. */
  | readonly ['any', AnyOperator, AnyArray, string | number | null]
  | readonly ['isnull', Condition]
  /** A function or an operator by its name in forms.ts; one that gives a truth is a condition. */
  | readonly ['call', string, ...Condition[]]
  /** CASE: conditions, each with its value behind it, and the value of ELSE. */
  | readonly ['case', ...Condition[]];

/** Expressions by the names that the rule has for them, as if they were fields of what it reads. */
export type Computed = Readonly<Record<string, Condition>>;

/** What a path into details can be read as. */
export type DetailsType = 'string' | 'int' | 'float' | 'bool' | 'timestamp' | 'ip' | 'array';

/** A field, an aggregate or a path into details that is an array. */
export type AnyArray =
  | readonly ['f' | 'a', string]
  | readonly ['d', string, DetailsType, 'cast' | 'literal' | 'none', string?];

export type AnyOperator = '=' | '<>' | '<' | '<=' | '>' | '>=' | 'like';

/** Aggregates that the published cases do not have. */
export type StatisticName = 'stddev' | 'approx_count_distinct' | 'approx_percentile' | 'top' | 'entropy';

export interface AggregateRule {
  as: string;
  fn:
    | 'count'
    | 'count_distinct'
    | 'sum'
    | 'min'
    | 'max'
    | 'first'
    | 'last'
    | 'avg'
    | 'any_value'
    | 'array_agg'
    | 'array_agg_distinct'
    | StatisticName;
  field?: string;
  filter?: Condition;
  /** The second argument: which share of approx_percentile, how many of top and of array_agg. */
  second?: number;
}

/** CREATE EXCEPTION; MUTE is over the columns of the key. Valid in [from, to), epoch milliseconds. */
export interface CaseException {
  action: 'ignore' | 'mute';
  where: Condition;
  from: number | null;
  to: number | null;
}

/** `[NOT] EXISTS (SELECT ... WITHIN ...)`, joined to `where` with AND; the pinned cases have none. */
export interface CaseExists {
  negated: boolean;
  /** Name of a view; absent: events. */
  input?: string | undefined;
  where: Condition | null;
  /** Equal fields, of the left and the right row. */
  on: [string, string][];
  /** A field that must be greater in the right row. */
  greater: string | null;
  before: number;
  after: number;
  /** Its rows are elements of `tags`, with the element as `er`. */
  unnest?: boolean | undefined;
  /** Over a JOIN: the side whose fields `on` and `greater` name. */
  of?: 'l' | 'r' | undefined;
}

/** `[LEFT] JOIN table AS b ON b.k1 = e.k1`: a table as a baseline, whose columns are fields `b.n`. `where` is asked of both. */
export interface CaseBaseline {
  table: string;
  left_join: boolean;
  where: Condition | null;
}

/**
 * `[LEFT] JOIN known AS o ON o.k = e.k1`: a row of a lookup as of the row's time, whose columns are fields `o.k`, `o.owner` and
 * `o.level`. Of `nets`, whose keys are networks, the one with the longest prefix.
 */
export interface CaseLookup {
  lookup: 'known' | 'nets';
  as: 'o' | 'p';
  /** Field of the row, or of the lookup before this one. */
  on: string;
  left_join: boolean;
}

/** What stands around the SELECT of a rule, over its columns; nothing of it changes what fires. */
export interface Around {
  /** EVIDENCE n; absent: 20. */
  evidence?: number | undefined;
  /** TITLE: texts and, in braces, columns. */
  title?: string | undefined;
  /** SEVERITY CASE: high where the column is more than that, low where it is NULL, else medium. */
  severity?: { on: string; over: number } | undefined;
  mode?: 'shadow' | 'signal' | undefined;
  /** What its records say besides. */
  told?: Told | undefined;
}

/** CONFIDENCE and ATTACK, ENTITY account of a column, RESPOND on it, and the texts that no record has. */
export interface Told {
  confidence: number;
  attack: string[];
  who: string | undefined;
  responses: string[];
  while_open: boolean;
}

/** The same of a rule without a window, with its policy: who is a column too. `least` bounds `x` of (the left one of) its rows. */
export interface Policy extends Around {
  suppress?: { by: string[]; for: number } | undefined;
  risk?: { score: string | number; half: number; on: string } | undefined;
  least?: number | undefined;
  tunes?: CaseTune[] | undefined;
}

export interface SingleRule extends Policy {
  name: string;
  kind: 'single';
  where: Condition;
  baseline?: CaseBaseline | undefined;
  lookups?: CaseLookup[] | undefined;
  exists?: CaseExists[] | undefined;
  /** It reads a row for each element of `tags`, with the element as `el`; input is then events. */
  unnest?: boolean | undefined;
  /** And for each of those a row for each element of `tags` once more, as `el2`. */
  twice?: boolean | undefined;
  exceptions?: CaseException[] | undefined;
  /** They are columns of its own. */
  computed?: Computed | undefined;
}

/** OFFSET, IN TIME ZONE, WITH EMPTY FOR, and WITH EMPTY KEYS OF the lookup `known`; the pinned cases have none of them. */
interface Alignment {
  offset?: number;
  zone?: string;
  empty?: number;
  expected?: boolean;
}

export interface CaseTune {
  tenant: string;
  least: number;
}

export interface WindowRule extends Around {
  name: string;
  kind: 'window';
  /** A view's rows can be read by rules that name it as their input. */
  view?: boolean | undefined;
  /** CREATE TABLE: a view (decided at the ends of its windows) whose rows are results too. */
  table?: boolean | undefined;
  /** Name of a view; absent: events. */
  input?: string | undefined;
  /** How the view stands in the rule itself, in a WITH or in brackets; absent: it is a statement. */
  local?: 'with' | 'subquery' | undefined;
  where: Condition | null;
  baseline?: CaseBaseline | undefined;
  lookups?: CaseLookup[] | undefined;
  exists?: CaseExists[] | undefined;
  /** It reads a row for each element of `tags`, with the element as `el`; input is then events. */
  unnest?: boolean | undefined;
  /** And for each of those a row for each element of `tags` once more, as `el2`. */
  twice?: boolean | undefined;
  /** What GROUP BY and the aggregates may name. */
  computed?: Computed | undefined;
  /** Further columns: expressions over the aggregates. */
  shown?: Computed | undefined;
  group_by: string[];
  window:
    | { type: 'sliding'; size: number }
    | ({ type: 'tumbling'; size: number } & Alignment)
    | ({ type: 'hopping'; size: number; advance: number } & Alignment)
    | { type: 'session'; gap: number; max?: number };
  aggs: AggregateRule[];
  having: Condition;
  emit: 'auto' | 'end';
  suppress?: { by: string[]; for: number; reset: boolean } | undefined;
  /** ESCALATE WHEN on > over TO to, UPDATE AT END, CLOSE AFTER close ms. */
  life?:
    | {
        escalate: { on: string; over: number; to: 'high' | 'critical' }[];
        update: boolean;
        close: number | null;
      }
    | undefined;
  /** RISK: an aggregate's alias or a number, on the first part of the key; half-life in milliseconds. */
  risk?: { score: string | number; half: number } | undefined;
  /** ACROSS TENANTS: all of them share. */
  across?: boolean | undefined;
  /**
   * A parameter: HAVING also asks for `n >= least`, and a tenant may have another value (TUNE). Of a view that stands in
   * its reader it is the reader's.
   */
  least?: number | undefined;
  tunes?: CaseTune[] | undefined;
  exceptions?: CaseException[] | undefined;
}

/**
 * `input`: name of a view; absent: events. `unnest`: its rows are elements of `tags`, with the element as `el` on the left
 * side and `er` on the right.
 */
interface JoinedSide {
  as: string;
  input?: string | undefined;
  where: Condition | null;
  unnest?: boolean;
  /** Expressions over its rows, which `on` may name. */
  computed?: Computed | undefined;
}

/** A pair of events of one tenant with equal keys; the right one from `before` ms before to `after` ms after the left. */
export interface JoinRule extends Policy {
  name: string;
  kind: 'join';
  left: JoinedSide;
  right: JoinedSide;
  on: [string, string][];
  before: number;
  after: number;
  left_join: boolean;
  /** What is asked of a pair besides: operator, field of the left row, field of the right one. The pinned cases have none. */
  compares?: { operator: '<' | '<=' | '<>' | '>='; left: string; right: string } | undefined;
  /** And a condition over both rows, whose fields are `l.x` and `r.x`: of a LEFT JOIN in ON, of another one there or in WHERE. */
  both?: Condition | undefined;
  in_on?: boolean | undefined;
  /** Lookups beside the pairs, as of their times; `on` is a field of a pair, `l.ip`. */
  lookups?: CaseLookup[] | undefined;
  /** Of any rule: the lookups are declared without valid time; all rows of the case are valid always. */
  timeless?: boolean | undefined;
  /** What WHERE asks of whole rows, also of those without a partner: fields `l.x` and `r.x`, and `o.owner` of lookups. */
  filter?: Condition | undefined;
  /** IGNORE over fields of the pairs, MUTE over what is shown. */
  exceptions?: CaseException[] | undefined;
  /** A view of the pairs, with unionColumns of both sides (viewOfPairs in oracle-joins.ts). */
  view?: boolean | undefined;
  /** A join of joins: pairs are left rows of one more JOIN. The pinned cases have none. */
  third?: JoinOfPairs | undefined;
  /** [NOT] EXISTS over the pairs; its input is events. The pinned cases have none. */
  exists?: CaseExists[] | undefined;
}

/** `[LEFT] JOIN events AS m` behind a JOIN; `of`: the side whose field the key is. */
export interface JoinOfPairs {
  of: 'l' | 'r';
  on: [string, string][];
  where: Condition | null;
  before: number;
  after: number;
  left_join: boolean;
}

/** What the rows of a UNION ALL have: the names of a view's columns, so that rules over views read them too. */
export const unionColumns = ['k1', 'n', 'fi', 'any', 's'] as const;

/** A SELECT of a UNION ALL: rows of events or a view, or those of a window, which then has the union's columns. */
export interface UnionBranch {
  /** Name of a view; absent: events. */
  input?: string | undefined;
  where: Condition | null;
  /** What it reads, in the order of unionColumns. */
  columns: string[];
  window?: WindowRule | undefined;
  /** Expressions that `columns` may name. */
  computed?: Computed | undefined;
  /** A field that must not be less than the rule's parameter. */
  least?: string | undefined;
}

/** UNION ALL: as a view, or as a rule that fires at each row. A rule's parameter is one that its branches may ask. */
export interface UnionRule extends Policy {
  name: string;
  kind: 'union';
  view: boolean;
  /** CREATE TABLE: a view all of whose branches are windows that end, and whose rows are results too. */
  table?: boolean | undefined;
  branches: UnionBranch[];
}

/** A kind of the pinned cases that the language cannot say yet: kept, so that its refusal is counted. */
export interface LaterRule {
  name: string;
  kind: 'sequence';
  [part: string]: unknown;
}

export type SimulationRule = SingleRule | WindowRule | JoinRule | UnionRule | LaterRule;

export interface SimulationInput {
  mode: 'sorted' | 'arrived';
  lateness: number;
  dedup_horizon: number;
  now: number;
  max_ahead: number;
  records: SimulationRecord[];
  rules: SimulationRule[];
}

export interface ExpectedDetection {
  rule: string;
  tenant: string;
  key: (string | number | null)[];
  anchor: (string | number | null)[];
  decided_at: number;
  window: [number, number] | null;
  values: Record<string, unknown>;
  evidence: string[];
  total: number;
  suppressed: boolean;
  /** Not in the pinned cases. */
  revision?: number;
  status?: string;
  severity?: string;
  title?: string;
  told?: unknown;
}
