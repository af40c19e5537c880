import type { Detection, Value } from '../../engine/index.ts';
import type { OperatorPlan, ProgramPlan } from '../plan/plan.ts';
import type { WhyJoin } from './join-answer.ts';
import type { ParamChange, WithParam } from './params.ts';

/** Runs a plan over the events that are asked about, as a backtest would; it is called more than once. */
export type Replay = (plan: ProgramPlan) => AsyncIterable<readonly Detection[]> | Iterable<readonly Detection[]>;

export interface WhyQuestion {
  readonly rule: string;
  /** The id of an event, or a key: all its parts with spaces between them, or one part that only one key has. null: the only key. */
  readonly subject: string | null;
  /** Whose key or event it is; absent: there must be only one such. */
  readonly tenant?: string;
  /** The time that is meant, from the times of the key's events; null: where the rule fired last, else came nearest. */
  readonly moment: ((times: readonly number[]) => number) | null;
  /** How many milliseconds up to the moment are meant with it: of 09:13:07 its last one is the moment. Absent: none. */
  readonly span_ms?: number;
  readonly with_param: WithParam;
  /** Of a join: left rows of this time (epoch milliseconds, both ends inside) that it gave no row for are meant first. */
  readonly missed?: { readonly from_ms: number; readonly to_ms: number };
  /** All rules with another value of a PARAM (`rule.param`); null where that value is not allowed. */
  readonly plan_with?: (param: string, value: number) => ProgramPlan | null;
}

/** One condition at the moment, with both sides where it is a comparison. */
export interface WhyCondition {
  readonly text: string;
  readonly truth: Value;
  /** What stands left, by the name that the rule's SELECT gives it. */
  readonly name: string;
  readonly left: Value;
  readonly operator: string | null;
  readonly right: Value;
  /** Of an OR, and of an AND in one: what it is made of. */
  readonly parts?: { readonly of: 'or' | 'and'; readonly all: readonly WhyCondition[] };
}

/** All conditions and what they are made of: of an OR its sides. */
export function partsOf(conditions: readonly WhyCondition[]): readonly WhyCondition[] {
  return conditions.flatMap((one) => [one, ...partsOf(one.parts?.all ?? [])]);
}

export interface WhyFiring {
  readonly at_ms: number;
  readonly id: string;
  /** The same for every plan of the rule that decides at the same event or window (S7). */
  readonly anchor_id: string;
  readonly suppressed_by: string | null;
  /** Whether a running Weir has written it; absent where it is not about what one received. */
  readonly is_stored?: boolean;
  /** It has not, but of the same key and time it has written a detection of another plan of the rule. */
  readonly told_by?: WhyToldBy;
}

/** A detection that another plan of the rule told: decided at `at_ms`, published at `told_at_ms` by the clock. */
export interface WhyToldBy {
  readonly id: string;
  readonly plan_hash: string;
  readonly at_ms: number;
  readonly told_at_ms: number | null;
}

/** A further revision of a detection, at the time of what decided it. */
export interface WhyRevision {
  readonly at_ms: number;
  readonly id: string;
  readonly revision: number;
  readonly did: 'escalated' | 'updated' | 'closed' | 'opened again';
  readonly severity: Detection['severity'];
}

/** Both times are inside. */
export interface WhyWindow {
  readonly kind: 'event' | 'sliding' | 'tumbling' | 'hopping' | 'session';
  readonly from_ms: number;
  readonly to_ms: number;
}

/** What one rule made of one key at one moment. Times are epoch milliseconds. */
export interface Why {
  readonly rule: string;
  readonly kind: OperatorPlan['kind'];
  readonly plan_hash: string;
  readonly tenant: string;
  /** null: a rule without GROUP BY, about one event. Where no row came as far as the rule, the key of the view that it reads. */
  readonly key: readonly Value[] | null;
  /** The window at the event that was judged last up to the moment; of one event, its time twice. */
  readonly window: WhyWindow;
  /** Rows in the window that pass the clauses so far, one after the other; the first is all of the key. */
  readonly funnel: readonly { readonly text: string; readonly rows: number }[];
  /** HAVING (of one event: WHERE) taken apart; [] when no row of the key passed WHERE in the window. */
  readonly conditions: readonly WhyCondition[];
  /** Of a view, which fires nothing: gave_row instead of those where its condition is true. */
  readonly outcome: 'fired' | 'suppressed' | 'true_before' | 'gave_row' | 'not_true' | 'no_rows';
  /** What fired here, or, where HAVING was true before, what had fired for that. */
  readonly firing: WhyFiring | null;
  /** Of a left row of a join: what else fired for it, each right row being a pair of its own. */
  readonly also_fired?: readonly WhyFiring[];
  /** The revision of a detection of this key that was decided at the moment, where one was asked about and nothing fired then. */
  readonly revision?: WhyRevision;
  /** EMIT EARLY, where the records of a running Weir were asked: what left early of the firing, or instead of one. */
  readonly early?: WhyEarly;
  /** Where the key came nearest in all of the events; null when it never had a row. */
  readonly nearest: { readonly at_ms: number; readonly conditions: readonly WhyCondition[] } | null;
  readonly would_fire_with: readonly ParamChange[];
  /** Of a rule that did not fire and reads views of windows: what would have let it, by a run with that. */
  readonly would_fire_if?: readonly WhyIf[];
  /** Those views, asked about the same key. */
  readonly inputs?: readonly Why[];
  /** Rows of the key in the window that fail exactly one condition of WHERE: the first for each. */
  readonly just_missed: readonly { readonly at_ms: number; readonly id: string; readonly text: string }[];
  /** MODE of a rule whose detections are told to nobody; absent of one that is live, and of a view. */
  readonly mode?: 'shadow' | 'signal';
  /** Of one event: what a LEFT JOIN of a table and lookups in SELECT have beside it. */
  readonly beside?: readonly {
    readonly text: string;
    readonly has_row: boolean;
    readonly columns: readonly { readonly name: string; readonly value: Value }[];
  }[];
  readonly resets: boolean;
  /** Of a window that did not fire and lost rows to a bound: HAVING with all of them. `state_keys`: STATE MAX, where it has one. */
  readonly dropped?: { readonly state_keys: number | null; readonly conditions: readonly WhyCondition[] };
  /** Of a window that fired before its end: rows that passed WHERE after that. The other figures are those of the firing. */
  readonly rows_after?: number;
  /** WITH EMPTY; absent where there is none. */
  readonly silence?: { readonly keys_of: string } | { readonly for_ms: number };
  /** A rule with GROUP BY: the event that was asked about (not a key), in the window or not, with each clause of WHERE. */
  readonly asked?: WhyAsked;
  /** A rule that is a UNION ALL: what each of its SELECTs made of the event. */
  readonly selects?: readonly Why[];
  /** A rule with GROUP BY over a UNION ALL: its SELECTs; `funnel` begins at what they give. */
  readonly selects_of?: readonly WhySelect[];
  /** Rules over JOIN or EXISTS: each of them, for one left row; with GROUP BY, for one that gave no row to the window. */
  readonly joins?: readonly WhyJoin[];
  /** A rule with GROUP BY over them, of whose rows none of the key or the event came as far as that: `joins` is about one. */
  readonly for_window?: true;
}

/** Another number in HAVING of a view. */
export interface WhyIf {
  readonly view: string;
  /** The condition with the number. */
  readonly text: string;
  readonly value: number;
  readonly now: number;
  /** The PARAM that it is; null: it is written there. */
  readonly param: string | null;
}

/** A detection that was told on arrival, and what came of it when its time was decided (semantics S5). */
export interface WhyEarly {
  readonly id: string;
  readonly at_ms: number;
  /** Clock time. */
  readonly told_at_ms: number | null;
  /** equal: it became final as it was. other: with other values, as a further revision. open: not decided yet. */
  readonly became: 'equal' | 'other' | 'withdrawn' | 'open';
  /** Of a withdrawn one: the detection that stands in its place. */
  readonly superseded_by: string | null;
}

export interface WhyAsked {
  readonly at_ms: number;
  readonly id: string;
  readonly conditions: readonly WhyCondition[];
}

/** One SELECT of a UNION ALL: the rows in the window behind each of its clauses. */
export interface WhySelect {
  readonly select: string;
  readonly funnel: Why['funnel'];
  /** The event that was asked about, with these clauses and then those of the rule; absent where it has none here. */
  readonly asked?: WhyAsked;
}

/** Why there is no answer, for a person. */
export interface NoAnswer {
  readonly error: string;
  /** Keys that exist: similar ones, or those that the subject may mean. */
  readonly keys: readonly string[];
  /** How to ask instead. */
  readonly hint?: string;
  /** Nothing that the rule reads has this id or key. */
  readonly is_unknown?: true;
  /** Its event has no value for a part of GROUP BY. */
  readonly is_keyless?: true;
}

export function valueText(value: Value): string {
  if (value === null) return 'NULL';
  return Array.isArray(value) ? `[${value.map(valueText).join(', ')}]` : String(value);
}
