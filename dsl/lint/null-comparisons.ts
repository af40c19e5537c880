import { limits } from '../../engine/index.ts';
import type { Checked, CheckedOperator } from '../check/checked.ts';
import type { Finding } from '../diagnostics/diagnostic.ts';
import { conjunctsOf } from '../plan/lower.ts';
import { evaluate } from './evaluate.ts';
import type { Facts } from './facts.ts';
import { type Sources, seesSilence } from './ground.ts';
import { isNullOnly } from './known.ts';
import { partsOfChecked } from './parts.ts';
import { nameOf } from './reasons.ts';

const comparisons: ReadonlySet<string> = new Set([
  '=',
  '<>',
  '<',
  '<=',
  '>',
  '>=',
  'like',
  'ilike',
  'matches',
  'in_cidr',
]);

/** Comparisons that are NULL whatever the row is: one side always is. Those with a literal NULL are warned about in check. */
export function nullComparisons(expression: Checked, facts: Facts): Finding[] {
  const subjects =
    expression.kind === 'in'
      ? [expression.argument]
      : expression.kind === 'call' && comparisons.has(expression.function)
        ? expression.arguments
        : [];
  const side = subjects.find((one) => one.kind !== 'literal' && isNullOnly(evaluate(one, facts)));
  if (side === undefined) return partsOfChecked(expression).flatMap((part) => nullComparisons(part, facts));
  // Nothing at all is left of what contradicts itself: that is another finding.
  if (!evaluate(side, facts).null) return [];
  const finding: Finding = {
    code: 'W0303',
    span: expression.span,
    message: 'this comparison is always NULL, which is never true',
    label: `${nameOf(side)} is always NULL here`,
    hints: [],
  };
  return [finding];
}

/** In WHERE and HAVING, each place once. A condition stands under those beside it, not under itself. */
export function alwaysNullComparisons({ select, exceptions }: CheckedOperator, sources: Sources): Finding[] {
  const ignores = exceptions.filter(({ action }) => action === 'ignore').length;
  const where = conjunctsOf(select.where);
  const rows = sources.rowsOf(select);
  const group = sources.groupOf(select, seesSilence(select) ? 0 : 1, limits.rows_per_key);
  return [...among(where.slice(0, where.length - ignores), rows), ...among(conjunctsOf(select.having), group)];
}

function among(conditions: readonly Checked[], facts: Facts): Finding[] {
  return conditions.flatMap((condition) => {
    const found = nullComparisons(condition, facts);
    if (found.length === 0) facts.learn(condition);
    return found;
  });
}
