import type { CheckedJoin, CheckedOperator } from '../check/checked.ts';
import type { Finding } from '../diagnostics/diagnostic.ts';
import { firstImpossible, joinsOf } from './contradictions.ts';
import { Facts } from './facts.ts';
import { conditionsOfJoin, conditionsOfPairs, type Sources } from './ground.ts';

/** NOT EXISTS and LEFT JOIN whose conditions no row fulfils: they let every row through, and add nothing to it. */
export function idleJoins(operator: CheckedOperator, sources: Sources): Finding[] {
  return joinsOf(operator.select.join).flatMap((join): Finding[] => {
    if (join.kind !== 'left' && join.kind !== 'anti') return [];
    const facts = new Facts(sources.rowsOf(operator.select).ground);
    for (const condition of conditionsOfPairs(join)) facts.learn(condition);
    const conditions = conditionsOfJoin(join);
    const found = firstImpossible(conditions, facts, operator, join.kind === 'anti' ? 'EXISTS' : 'ON');
    return found === null || found.isSaid ? [] : [idle(join, found.condition.span, found.why())];
  });
}

function idle(
  { kind }: CheckedJoin,
  span: Finding['span'],
  [label, hints = []]: readonly [string, (readonly string[])?],
): Finding {
  const message = kind === 'anti' ? 'this NOT EXISTS is true of every row' : 'this LEFT JOIN never finds a row';
  return { code: 'W0332', span, message, label, hints };
}
