import type { JoinPlan, OperatorPlan, ProgramPlan } from '../plan/plan.ts';
import { flatten } from './flatten.ts';
import { isExists } from './join-probe.ts';
import { joinWords } from './join-text.ts';

/** Where the funnel of a rule begins. */
export interface Start {
  /** The SELECT of a UNION ALL that its rows come through; null: the rule reads none. */
  readonly select: string | null;
  /** The rule as it is over them, with the views between put into it: the last conditions of its WHERE are the rule's own. */
  readonly rule: OperatorPlan;
  /** What there is before its first clause: `events of the key`. */
  readonly text: string;
}

/**
 * A rule begins at its events; one over a UNION ALL at those of each SELECT, for each is asked something else. A UNION ALL
 * of a UNION ALL has the SELECTs of both.
 */
export function startsOf(rule: OperatorPlan, plan: ProgramPlan, tenant: string | null): readonly Start[] {
  const union = plan.unions?.find(({ name }) => name === rule.input);
  if (union === undefined) return [{ select: null, rule, text: textOf(rule, plan.joins ?? []) }];
  return union.branches.flatMap((select) =>
    startsOf(flatten({ ...rule, input: select }, plan, tenant), plan, tenant).map((start) => ({
      ...start,
      select: start.select ?? select,
    })),
  );
}

function textOf({ input, unnests, key }: OperatorPlan, joins: readonly JoinPlan[]): string {
  const whose = key?.length === 0 ? '' : ' of the key';
  if (unnests !== undefined) return `elements of ${input}${whose}`;
  return input === 'events' ? `events${whose}` : `rows of ${inputText(input, joins)}${whose}`;
}

/** A join has no name that anybody wrote: it is said as FROM says it. */
function inputText(input: string, joins: readonly JoinPlan[]): string {
  const join = joins.find(({ name }) => name === input);
  // Tables that were opened (baseline.ts) are named for people.
  if (join === undefined || join.name === join.hash) return input;
  const left = join.left_alias ?? inputText(join.left, joins);
  const word = isExists(join) ? `WHERE ${joinWords[join.kind]}` : joinWords[join.kind];
  return `${left} ${word} ${join.right_alias}`;
}

/** A view of several SELECTs by its name, as a view that reads them. */
export function unionView(name: string, plan: ProgramPlan): OperatorPlan | null {
  const union = plan.unions?.find((one) => one.name === name);
  const like = plan.operators.find((one) => one.name === union?.branches[0]);
  if (union === undefined || like === undefined) return null;
  const { unnests: _unnests, lookups: _lookups, ...own } = like;
  return {
    ...{
      ...own,
      name,
      hash: union.hash,
      input: name,
      where: [],
      key: null,
      window: null,
      aggregates: [],
      having: null,
    },
    outputs: union.columns.map(({ name: column, type }) => ({
      ...{ name: column, type },
      expression: { kind: 'column', name: column, path: [column], type, conversion: 'declared' },
    })),
  };
}
