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
    const column = (expression: Expression): number => this.outputs.push(expression) - 1;
    this.#read = conditions.map((condition, place) => {
      const sides = comparisonOf(condition);
      const truth = column(condition);
      const text = textOf(condition, place);
      if (sides === null) {
        return (values) => ({
          text,
          truth: values[truth],
          name: text,
          left: values[truth],
          operator: null,
          right: null,
        });
      }
      const [left, right] = [column(sides.left), column(sides.right)];
      const name = nameOf(sides.left, rule);
      return (values) => ({
        ...{ text, truth: values[truth], name, left: values[left], operator: sides.operator, right: values[right] },
      });
    });
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
