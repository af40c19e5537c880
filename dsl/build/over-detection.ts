import type { Decided } from '../../engine/index.ts';
import type { Expression } from '../plan/plan.ts';
import { compileExpression, type Evaluate, type Leaf } from './compile-expression.ts';
import type { OnFailure } from './failure-sites.ts';

/** A clause around the SELECT as a function of the detection: a column's path is its place there. */
export function compileOverDetection(expression: Expression, onFailure: OnFailure | null = null): Evaluate<Decided> {
  const read = (leaf: Leaf): Evaluate<Decided> => {
    if (leaf.kind !== 'column') throw new Error(`the plan reads ${leaf.kind} where there is only the detection`);
    const [from, index] = leaf.path;
    const place = Number(index);
    if (from === 'output') return ({ values }) => values[place];
    if (from === 'key') return ({ key }) => key[place];
    return from === 'tenant_id' ? ({ tenant }) => tenant : ({ decided_at }) => decided_at;
  };
  return compileExpression(expression, read, onFailure);
}
