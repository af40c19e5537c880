import { withoutAlias } from './join.ts';
import type { Expression, JoinPlan, OperatorPlan, ProgramPlan, UnnestPlan } from './plan.ts';

/** A view that counts, and that nothing reads. */
export interface ExceptionProbe {
  /** Name of the view in the program: its `events` are the rows that the exception kept from the rule. */
  readonly view: string;
  readonly rule: string;
  readonly exception: string;
  /** What counts the rows that were not kept from it, beside those of the exception: the rule, or a further view. */
  readonly passed: string;
}

/** No rule or view of a user is called so: a name has no colon. */
const probe_prefix = 'exception:';

/** Whether an operator of this name is a counting view of withExceptionProbes. */
export function isProbe(name: string): boolean {
  return name.startsWith(probe_prefix);
}

/** More rows than a window of a millisecond is allowed to hold: the view never gives a row, and a row costs an append. */
const never = 1_000_000;

/** Rows of one side of a join, of which its IGNOREs are asked before it. In the words of the rows' own stream. */
interface Side {
  readonly input: string;
  readonly unnests: readonly UnnestPlan[];
  /** What is asked of them beside the IGNOREs. */
  readonly where: readonly Expression[];
  readonly condition: Expression;
  /** What the IGNOREs ask of these rows, untrue where they let a row pass. */
  readonly allows: readonly Expression[];
}

/**
 * The plan with a counting view for each IGNORE, for a backtest that says what its exceptions swallowed. What the rules
 * find is the same. IGNORE is one condition more of the rule's WHERE; of a rule over a join it is asked of the rows of one
 * side, before they are joined (join.ts), and then these are what is counted.
 */
export function withExceptionProbes(plan: ProgramPlan): { plan: ProgramPlan; probes: readonly ExceptionProbe[] } {
  const probes: ExceptionProbe[] = [];
  const views: OperatorPlan[] = [];
  for (const operator of plan.operators) {
    const ignored = (operator.exceptions ?? []).filter(({ action }) => action === 'ignore');
    const conditions = ignored.map((one) => one.condition);
    // In front of the WHERE of a tuned rule stands for which tenants it is: the exception is for all.
    const where = withoutIgnores(operator.where.slice(operator.tunes === undefined ? 0 : 1), conditions);
    for (const { name, condition } of ignored) {
      const view = `${probe_prefix}${name}:${operator.name}`;
      const side = sideOf(plan.joins ?? [], operator.input, condition, conditions);
      const passed = side === null ? operator.name : `${view}:passed`;
      probes.push({ view, rule: operator.name, exception: name, passed });
      if (side === null) views.push(countingView(operator, view, [...where, condition]));
      else {
        const reader = { ...operator, input: side.input, unnests: side.unnests };
        views.push(countingView(reader, view, [...side.where, side.condition]));
        views.push(countingView(reader, passed, [...side.where, ...side.allows]));
      }
    }
  }
  return { plan: { ...plan, operators: [...plan.operators, ...views] }, probes };
}

/** The side of a join, or of one below it, whose rows are asked the condition of an IGNORE; null where it is none. */
function sideOf(
  joins: readonly JoinPlan[],
  name: string,
  condition: Expression,
  ignored: readonly Expression[],
): Side | null {
  const join = joins.find((one) => one.name === name);
  if (join === undefined) return null;
  for (const [input, alias, asked, unnests] of [
    [join.left, join.left_alias, join.left_where, join.left_unnests],
    [join.right, join.right_alias, join.right_where, join.right_unnests],
  ] as const) {
    const of = withoutAlias(condition, alias);
    if (withoutIgnores(asked, [of]).length === asked.length) continue;
    const own = ignored.map((one) => withoutAlias(one, alias));
    const where = withoutIgnores(asked, own);
    const allows = asked.filter((one) => !where.includes(one));
    return { input, unnests: unnests ?? [], where, condition: of, allows };
  }
  return sideOf(joins, join.left, condition, ignored);
}

/** Of the conditions of a WHERE those that no IGNORE of these conditions has added. */
export function withoutIgnores(where: readonly Expression[], ignored: readonly Expression[]): Expression[] {
  const texts = ignored.map((one) => JSON.stringify(one));
  return where.filter((one) => !texts.includes(JSON.stringify(untrue(one))));
}

/** What an IGNORE asks, of the condition that it adds to WHERE: NOT coalesce(this, false). */
function untrue(added: Expression): Expression | null {
  const known = added.kind === 'not' ? added.argument : null;
  return known?.kind === 'call' && known.function === 'coalesce' ? known.arguments[0] : null;
}

/** A view that counts the rows for which these conditions are true: its `events`. */
export function countingView(operator: OperatorPlan, name: string, where: OperatorPlan['where']): OperatorPlan {
  const { input, source, unnests } = operator;
  const count = { function: 'count', argument: null, filter: null, type: 'int', limit: 0, distinct: false } as const;
  return {
    ...{ kind: 'view', name, input, where, source, hash: name, emits_early: false, params: [], suppress: null },
    ...(unnests === undefined || unnests.length === 0 ? {} : { unnests }),
    ...{ key: [], window: { kind: 'sliding', size_ms: 1, decided: 'event' } },
    ...{ aggregates: [{ ...count, non_negative: false }], outputs: [], evidence_limit: 0 },
    having: {
      kind: 'call',
      function: '>=',
      arguments: [
        { kind: 'aggregate', index: 0, type: 'int' },
        { kind: 'literal', type: 'int', value: never },
      ],
      type: 'bool',
    },
    ...{ bounds: [{ aggregate: 0, least: never }], bounds_are_exact: true },
    metadata: {
      ...{ title: [], severity: 'info', confidence: null, attack: [], entity: null },
      ...{ description: null, runbook: null, tags: [], references: [] },
    },
  };
}
