import type { ExpressionNode, Select } from './tree.ts';

/** The expressions directly inside an expression, in the order in which they are written. */
export function children(node: ExpressionNode): readonly ExpressionNode[] {
  switch (node.kind) {
    case 'call':
      return node.filter === null ? node.arguments : [...node.arguments, node.filter];
    case 'and':
    case 'or':
      return node.arguments;
    case 'binary':
    case 'is_distinct':
      return [node.left, node.right];
    case 'negate':
    case 'not':
    case 'is_null':
    case 'cast':
    case 'index':
    case 'in_lookup':
      return [node.argument];
    case 'in':
      return [node.argument, ...node.list];
    case 'between':
      return [node.argument, node.least, node.greatest];
    case 'match':
      return [node.argument, node.pattern];
    case 'case': {
      const parts = node.operand === null ? [] : [node.operand];
      for (const { when, result } of node.branches) parts.push(when, result);
      return node.otherwise === null ? parts : [...parts, node.otherwise];
    }
    case 'exists':
      return expressionsOfSelect(node.select);
    case 'extract':
      return node.zone === null ? [node.argument] : [node.argument, node.zone];
    default:
      return [];
  }
}

/** All expressions of a SELECT and of those that stand in its WITH, FROM, JOIN and UNION ALL. */
export function expressionsOfSelect(select: Select): ExpressionNode[] {
  const { items, from, joins, unnests, where, group_by, having } = select;
  const united = select.union.map((one) => ({ select: one }));
  const below = [...select.with, ...[from, ...joins].map(({ query }) => query), ...united];
  const selected = items.flatMap((item) => (item.kind === 'item' ? [item.expression] : []));
  const joined = [...joins.map(({ on }) => on), ...unnests.map(({ array }) => array)];
  const own = [...selected, ...joined, ...(group_by ?? []), where, having];
  return [
    ...own.filter((expression) => expression !== null),
    ...below.flatMap((query) => (query === null ? [] : expressionsOfSelect(query.select))),
  ];
}
