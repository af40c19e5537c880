import type { ColumnExpression, Expression } from './plan.ts';

/** The expression with each of its columns replaced. */
export function mapColumns(expression: Expression, change: (column: ColumnExpression) => ColumnExpression): Expression {
  const all = (list: readonly Expression[]) => list.map((part) => mapColumns(part, change));
  switch (expression.kind) {
    case 'column':
      return change(expression);
    case 'call':
    case 'and':
    case 'or':
      return { ...expression, arguments: all(expression.arguments) };
    case 'not':
    case 'is_null':
      return { ...expression, argument: mapColumns(expression.argument, change) };
    case 'in':
      return { ...expression, argument: mapColumns(expression.argument, change), list: all(expression.list) };
    case 'case':
      return {
        ...expression,
        branches: expression.branches.map(({ when, then }) => ({
          when: mapColumns(when, change),
          then: mapColumns(then, change),
        })),
        otherwise: expression.otherwise === null ? null : mapColumns(expression.otherwise, change),
      };
    case 'lookup':
      return { ...expression, keys: all(expression.keys) };
    default:
      return expression;
  }
}
