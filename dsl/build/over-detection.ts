import type { Decided } from '../../engine/index.ts';
import type { Expression } from '../plan/plan.ts';
import { compileExpression, type Evaluate } from './compile-expression.ts';

/** A clause around the SELECT as a function of the detection: a column's path is its place there. */
export function compileOverDetection(expression: Expression): Evaluate<Decided> {
  return compileExpression<Decided>(expression, (leaf) => {
    if (leaf.kind !== 'column') throw new Error(`the plan reads ${leaf.kind} where there is only the detection`);
    const [from, index] = leaf.path;
    const place = Number(index);
    if (from === 'output') return ({ values }) => values[place];
    if (from === 'key') return ({ key }) => key[place];
    return from === 'tenant_id' ? ({ tenant }) => tenant : ({ decided_at }) => decided_at;
  });
}
