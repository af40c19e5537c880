import type { CheckedOperator } from '../check/checked.ts';
import type { CheckedProgram } from '../check/program.ts';
import { type Diagnostic, Reporter } from '../diagnostics/diagnostic.ts';
import { boundsOf } from '../plan/bounds.ts';
import { conjunctsOf, lowerOperator } from '../plan/lower.ts';
import { contradictions } from './contradictions.ts';
import { misspelledValues } from './known-values.ts';

/** Warnings about rules that are right and of no use. */
export function lintProgram(program: CheckedProgram, diagnostics: Diagnostic[]): void {
  for (const operator of program.operators) {
    const reporter = new Reporter(operator.path, diagnostics);
    lintFirstEvent(operator, reporter);
    for (const finding of contradictions(operator.select)) reporter.warn(finding);
    if (operator.select.input === program.stream.name || operator.select.input === 'events') {
      lintValues(operator, reporter);
    }
  }
}

/** An alias stands for its expression wherever it is used: each place is said once. */
function lintValues({ select: { where, having, outputs } }: CheckedOperator, reporter: Reporter): void {
  const places = new Set<number>();
  for (const part of [where, having, ...outputs.map(({ expression }) => expression)]) {
    for (const finding of misspelledValues(part)) {
      if (!places.has(finding.span.offset)) reporter.warn(finding);
      places.add(finding.span.offset);
    }
  }
}

/** A HAVING that one event fulfils: then the rule is a rule on single events with a window around it. */
function lintFirstEvent(operator: CheckedOperator, reporter: Reporter): void {
  const { having, window } = operator.select;
  if (operator.kind !== 'rule' || window === null) return;
  if (having === null) {
    if (window.kind !== 'sliding') return;
    reporter.warn({
      code: 'W0301',
      span: operator.name_span,
      message: `${operator.name} fires at the first event of every key`,
      label: 'there is no HAVING',
      hints: ['write what makes it a detection: HAVING count(*) >= 10'],
    });
    return;
  }
  const plan = lowerOperator(
    operator,
    ({ select }) => ({ name: select.input, hash: null, where: conjunctsOf(select.where) }),
    0,
  );
  const { bounds, exact } = boundsOf(plan.having, plan.aggregates);
  const counts = bounds.every(({ aggregate, least }) => {
    const { function: name, filter } = plan.aggregates[aggregate] as (typeof plan.aggregates)[0];
    return (
      least <= 0 || (least <= 1 && name === 'count' && filter === null && plan.aggregates[aggregate]?.argument === null)
    );
  });
  if (!exact || !counts) return;
  reporter.warn({
    code: 'W0301',
    span: having.span,
    message: 'this HAVING is true at the first event of every key',
    label: 'one event is enough',
    hints: ['raise the threshold; or, if one event is a detection, write the rule without GROUP BY and WINDOW'],
  });
}
