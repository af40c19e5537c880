import type { Detection, Value } from '../../engine/index.ts';
import { expressionText } from '../build/index.ts';
import type { Expression, OperatorPlan } from '../plan/plan.ts';
import type { WhyCondition } from './answer.ts';
import { comparisonOf, nameOf } from './probe.ts';

/** What a probe said of a key at one of its rows. */
export interface TracedRow {
  readonly at_ms: number;
  readonly id: string;
  readonly conditions: readonly WhyCondition[];
  readonly leaves: readonly Value[];
}

/** Which outputs a probe has, and how a detection of it is read back. */
export class Layout {
  readonly outputs: Expression[] = [];
  readonly leaves: readonly Expression[];
  readonly #read: ((values: readonly Value[]) => WhyCondition)[];

  constructor(
    rule: OperatorPlan,
    conditions: readonly Expression[],
    leaves: readonly Expression[],
    textOf = (condition: Expression, _place: number): string => expressionText(condition, rule),
  ) {
    this.leaves = leaves;
    this.outputs.push(...leaves);
    this.#read = conditions.map((condition, place) => this.#reader(condition, rule, textOf(condition, place)));
  }

  /** Of a comparison both sides are outputs, too, and of OR (and of an AND in it) what it is made of. */
  #reader(condition: Expression, rule: OperatorPlan, text: string): (values: readonly Value[]) => WhyCondition {
    const column = (expression: Expression): number => this.outputs.push(expression) - 1;
    const truth = column(condition);
    const sides = comparisonOf(condition);
    if (sides !== null) {
      const [left, right] = [column(sides.left), column(sides.right)];
      const { operator } = sides;
      const name = nameOf(sides.left, rule);
      return (values) => ({
        ...{ text, truth: values[truth], name, left: values[left], operator, right: values[right] },
      });
    }
    const whole = (values: readonly Value[]): WhyCondition => ({
      ...{ text, truth: values[truth], name: text, left: values[truth], operator: null, right: null },
    });
    if (condition.kind !== 'or' && condition.kind !== 'and') return whole;
    const parts = condition.arguments.map((part) => this.#reader(part, rule, expressionText(part, rule)));
    const { kind } = condition;
    return (values) => ({ ...whole(values), parts: { of: kind, all: parts.map((part) => part(values)) } });
  }

  read({ decided_at, anchor, values }: Detection): TracedRow {
    return {
      at_ms: decided_at,
      id: 'id' in anchor ? anchor.id : '',
      conditions: this.#read.map((read) => read(values)),
      leaves: values.slice(0, this.leaves.length),
    };
  }
}
