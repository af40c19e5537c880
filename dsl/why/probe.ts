import { expressionText } from '../build/index.ts';
import { partsOf } from '../build/walk.ts';
import type { Expression, OperatorPlan } from '../plan/plan.ts';

/** A rule without what happens to its detections (a table: to its rows) later, and as it is for tenants without a TUNE. */
function meaningOf(rule: OperatorPlan): OperatorPlan {
  const { severity: _severity, risk: _risk, life: _life, tunes: _tunes, exceptions: _exceptions, ...plain } = rule;
  const { table: _table, ...meaning } = plain;
  return meaning;
}

/** A single-event rule over the input of a rule. */
export function rowProbe(
  rule: OperatorPlan,
  name: string,
  where: readonly Expression[],
  outputs: readonly Expression[] = [],
): OperatorPlan {
  const plain = meaningOf(rule);
  return {
    ...{ ...plain, kind: 'rule', name, hash: name, where, key: null, window: null, aggregates: [], having: null },
    ...{ bounds: [], bounds_are_exact: true, suppress: null, emits_early: false },
    metadata: { ...rule.metadata, title: [], entity: null },
    outputs: outputs.map((expression, i) => ({ name: `c${i}`, type: expression.type, expression })),
  };
}

/** The name of what reads them. Names of probes have a colon, which no name of a user has. */
export const groups_probe = 'probe:groups';

/** The groups of a windowed rule at each event (a window that has one: at its end) without its HAVING, as detections. */
export function groupProbes(
  rule: OperatorPlan,
  outputs: readonly Expression[],
  where: readonly Expression[] = rule.where,
): readonly [view: OperatorPlan, reader: OperatorPlan] {
  const window =
    rule.window === null || rule.window.kind === 'sliding' ? rule.window : { ...rule.window, decided: 'end' as const };
  const view: OperatorPlan = {
    ...{ ...meaningOf(rule), kind: 'view', name: 'probe:group', hash: 'probe:group', where, window },
    ...{ having: null, bounds: [], bounds_are_exact: true, suppress: null, emits_early: false },
    outputs: outputs.map((expression, i) => ({ name: `c${i}`, type: expression.type, expression })),
  };
  const columns = view.outputs.map(
    ({ name, type }): Expression => ({ kind: 'column', name, path: [name], type, conversion: 'declared' }),
  );
  const { unnests: _, ...reader } = rowProbe(rule, groups_probe, [], columns);
  return [view, { ...reader, input: view.name }];
}

/**
 * The rule itself, for what it read when it fired: outputs behind its own. Its SUPPRESS, RESET and EXCEPTIONs stay; what
 * becomes of its detections later goes.
 */
export function firedProbe(rule: OperatorPlan, outputs: readonly Expression[]): OperatorPlan {
  const { exceptions } = rule;
  const more = outputs.map((expression, i) => ({ name: `${fired_probe} ${i}`, type: expression.type, expression }));
  return {
    ...{ ...meaningOf(rule), name: fired_probe, hash: fired_probe, emits_early: false },
    ...(exceptions === undefined ? {} : { exceptions }),
    outputs: [...rule.outputs, ...more],
  };
}

export const fired_probe = 'probe:fired';

/** The conjuncts of HAVING. */
export function conditionsOf({ having }: OperatorPlan): readonly Expression[] {
  if (having === null) return [];
  return having.kind === 'and' ? having.arguments : [having];
}

export interface Comparison {
  readonly left: Expression;
  readonly operator: string;
  readonly right: Expression;
}

/** `left operator right`, where the condition is a comparison. */
export function comparisonOf(condition: Expression): Comparison | null {
  if (condition.kind !== 'call' || condition.arguments.length !== 2) return null;
  if (!['=', '<>', '<', '<=', '>', '>='].includes(condition.function)) return null;
  return { left: condition.arguments[0], operator: condition.function, right: condition.arguments[1] };
}

/** The output that shows an expression, else its text. */
export function nameOf(expression: Expression, rule: OperatorPlan): string {
  const text = JSON.stringify(expression);
  const output = rule.outputs.find((one) => JSON.stringify(one.expression) === text);
  return output?.name ?? expressionText(expression, rule);
}

/** The parts of expressions that are read rather than computed (columns, aggregates, key parts, ...), each once. */
export function leavesOf(expressions: readonly Expression[]): readonly Expression[] {
  const found = new Map<string, Expression>();
  const visit = (e: Expression): void => {
    if (e.kind === 'lookup' || (partsOf(e).length === 0 && e.kind !== 'literal' && e.kind !== 'call')) {
      found.set(JSON.stringify(e), e);
    } else partsOf(e).forEach(visit);
  };
  expressions.forEach(visit);
  return [...found.values()];
}

/** How long a window lasts at most; of a session without MAX, how long it waits. */
export function longestOf(window: OperatorPlan['window']): number {
  if (window === null) return 0;
  return window.kind === 'session' ? (window.max_ms ?? window.gap_ms) : window.size_ms;
}
