import type { ColumnExpression, Expression, LookupExpression } from '../plan/plan.ts';

/** The direct parts of an expression, in the order in which they are written. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'call':
    case 'and':
    case 'or':
      return expression.arguments;
    case 'lookup':
      return expression.keys;
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

/** Every column and every value of a lookup that an expression is made of; what a lookup's key is made of is its own. */
export function rowLeavesIn(expression: Expression): (ColumnExpression | LookupExpression)[] {
  if (expression.kind === 'column' || expression.kind === 'lookup') return [expression];
  return partsOf(expression).flatMap(rowLeavesIn);
}

/** Names of the lookups that an expression reads, repeats included. */
export function lookupsIn(expression: Expression): string[] {
  const inside = partsOf(expression).flatMap(lookupsIn);
  return expression.kind === 'lookup' ? [expression.lookup, ...inside] : inside;
}
