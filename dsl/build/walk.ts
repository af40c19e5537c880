import type { ColumnExpression, Expression } from '../plan/plan.ts';

/** The direct parts of an expression, in the order in which they are written. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'call':
    case 'and':
    case 'or':
      return expression.arguments;
    case 'not':
    case 'is_null':
      return [expression.argument];
    case 'in':
      return [expression.argument, ...expression.list];
    case 'case': {
      const branches = expression.branches.flatMap(({ when, then }) => [when, then]);
      return expression.otherwise === null ? branches : [...branches, expression.otherwise];
    }
    default:
      return [];
  }
}

/** Every use of a column in an expression, in order, repeats included. */
export function columnsIn(expression: Expression): ColumnExpression[] {
  return expression.kind === 'column' ? [expression] : partsOf(expression).flatMap(columnsIn);
}
