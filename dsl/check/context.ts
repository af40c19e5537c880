import type { Reporter } from '../diagnostics/diagnostic.ts';
import type { Checked, CheckedAggregate } from './checked.ts';
import type { Input } from './input.ts';
import type { Joins } from './lookup-join.ts';
import type { Lookups } from './lookup-values.ts';
import type { Params } from './params.ts';

/** Where an expression stands, which says what it may contain. */
export type Clause =
  | 'WHERE'
  | 'ON'
  | 'SELECT'
  | 'GROUP BY'
  | 'HAVING'
  | 'FILTER'
  | 'IGNORE'
  | 'MUTE'
  | 'an aggregate'
  | 'PARAM'
  | 'a function'
  | LifeClauseName;

/** Clauses around the SELECT: they read the detection's columns. */
export type LifeClauseName = 'SEVERITY' | 'RISK' | 'ESCALATE';

/** Everything that gives the names in an expression their meaning. */
export interface Context {
  readonly clause: Clause;
  readonly input: Input;
  /** What FROM calls the input; null when it has no alias. */
  readonly input_alias: string | null;
  readonly params: Params;
  readonly joins: Joins;
  /** null where there is no event to ask them for: over a detection's columns. */
  readonly lookups: Lookups | null;
  /** Aliases that may be used in this clause; null for one whose expression is wrong (reported already). */
  readonly aliases: ReadonlyMap<string, Checked | null>;
  /** Aliases of the SELECT, usable here or not: for messages. */
  readonly all_aliases: readonly string[];
  readonly windowed: boolean;
  readonly reporter: Reporter;
  /** In the body of a function: what each argument stands for. Nothing else has a name there. */
  readonly arguments?: ReadonlyMap<string, Checked>;
}

/** The context of what stands inside an aggregate: columns only. */
export function inside(context: Context, clause: 'FILTER' | 'an aggregate'): Context {
  return { ...context, clause, aliases: new Map() };
}

export type AggregateName = CheckedAggregate['function'];
