import { type Reporter, refuse } from '../diagnostics/diagnostic.ts';
import type { ExpressionNode } from '../syntax/tree.ts';
import { type AnyNode, anyNode, asArray, compareAny, matchAny, turnedRound } from './any.ts';
import type { Checked } from './checked.ts';
import type { Operand } from './comparisons.ts';

/** Conditions that stand between two expressions or behind one. */
export type PredicateNode = Extract<
  ExpressionNode,
  { kind: 'binary' | 'is_null' | 'is_distinct' | 'in' | 'in_lookup' | 'between' | 'match' }
>;
type Node<Kind extends PredicateNode['kind']> = Extract<PredicateNode, { kind: Kind }>;
type Check = (node: ExpressionNode) => Operand;

const comparisons = new Set(['=', '<>', '<', '<=', '>', '>=']);

/** The meaning of a condition with ANY(array) on a side; null for one without. */
export function anyCondition(node: PredicateNode, check: Check, reporter: Reporter): Checked | null {
  switch (node.kind) {
    case 'binary':
      return comparisons.has(node.operator) ? comparison(node, check, reporter) : null;
    case 'is_distinct':
      if (anyNode(node.left) !== null || anyNode(node.right) !== null) refuseForm(node, 'IS DISTINCT FROM');
      return null;
    case 'in': {
      const any = anyNode(node.argument);
      return any === null ? null : inList(node, any, check);
    }
    case 'match': {
      if (anyNode(node.pattern) !== null) refusePatterns(node.pattern);
      const any = anyNode(node.argument);
      if (any === null) return null;
      const written = node.operator === 'matches' ? '~' : node.operator.toUpperCase();
      if (node.negated) refuseNegated(node, written);
      return matchAny(node.operator, any, asArray(check(any.array)), check(node.pattern), node.span);
    }
    default: {
      if (anyNode(node.argument) === null) return null;
      return refuseForm(node, node.kind === 'is_null' ? 'IS NULL' : node.kind === 'between' ? 'BETWEEN' : 'IN LOOKUP');
    }
  }
}

function comparison({ operator, left, right, span }: Node<'binary'>, check: Check, reporter: Reporter): Checked | null {
  const [first, second] = [anyNode(left), anyNode(right)];
  const any = first ?? second;
  if (any === null) return null;
  if (first !== null && second !== null) {
    const label = 'join the rows, or UNNEST one of the two in a view';
    refuse({ code: 'W0201', span, message: 'ANY(…) on both sides', label });
  }
  if (operator === '<>') {
    reporter.warn({
      code: 'W0307',
      span,
      message: '<> ANY(…) is true as soon as one element is another one',
      label: 'for "no element is it" write NOT (ANY(…) = …)',
    });
  }
  const asked = first === null ? turnedRound(operator) : operator;
  return compareAny(asked, any, asArray(check(any.array)), check(first === null ? left : right), span);
}

/** Equal to one of the list: each value is a comparison of its own. */
function inList(node: Node<'in'>, any: AnyNode, check: Check): Checked {
  if (node.negated) refuseNegated(node, 'IN');
  const array = asArray(check(any.array));
  const tests = node.list.map((item) => compareAny('=', any, array, check(item), item.span));
  return tests.length === 1 ? (tests[0] as Checked) : { kind: 'or', arguments: tests, type: 'bool', span: node.span };
}

/** People mean by it that one element does not fit, or that none does. */
function refuseNegated({ span }: PredicateNode, written: string): never {
  refuse({
    code: 'W0201',
    span,
    message: `ANY(…) NOT ${written} could mean two things`,
    label: `for "no element does" write NOT (ANY(…) ${written} …)`,
  });
}

function refusePatterns({ span }: ExpressionNode): never {
  refuse({
    code: 'W0201',
    span,
    message: 'ANY(…) as a pattern',
    label: "ANY stands on the left: ANY(x) LIKE 'mail.%'",
  });
}

function refuseForm({ span }: PredicateNode, written: string): never {
  refuse({
    code: 'W0201',
    span,
    message: `ANY(…) has no ${written}`,
    label: "it stands beside =, <>, <, <=, >, >=, LIKE, ILIKE, ~ and IN ('a', 'b')",
    hints: ['a condition of several parts on one and the same element needs UNNEST in a view'],
  });
}
