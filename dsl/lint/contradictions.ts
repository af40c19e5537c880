import { limits } from '../../engine/index.ts';
import type { Checked, CheckedJoin, CheckedOperator } from '../check/checked.ts';
import type { Finding, Span } from '../diagnostics/diagnostic.ts';
import { conjunctsOf } from '../plan/lower.ts';
import { canHold } from './can-hold.ts';
import { evaluate } from './evaluate.ts';
import { Facts } from './facts.ts';
import { conditionsOfPairs, type Sources, seesSilence } from './ground.ts';
import { isNullOnly } from './known.ts';
import { nullComparisons } from './null-comparisons.ts';
import { partsOfChecked } from './parts.ts';
import { type Reason, type Said, sayOf, whyNever } from './reasons.ts';

/** Why a SELECT can never give a row; empty when nothing says so. */
export function contradictions(operator: CheckedOperator, sources: Sources): Finding[] {
  const { select } = operator;
  const ignores = operator.exceptions.filter(({ action }) => action === 'ignore');
  const conditions = conjunctsOf(select.where);
  const own = conditions.slice(0, conditions.length - ignores.length);
  for (const join of joinsOf(select.join)) {
    const facts = new Facts(sources.rowsOf(select).ground);
    const on = firstNever(conditionsOfPairs(join), facts, operator, join.kind === 'semi' ? 'EXISTS' : 'ON');
    if (on.length > 0) return on;
  }
  const rows = sources.rowsOf(select);
  const where = firstNever(own, rows, operator, 'WHERE');
  if (where.length > 0) return where;
  const swallowing = ignores.find((_, i) => !canHold(conditions[own.length + i] as Checked, rows));
  if (swallowing !== undefined) {
    return [never(operator, operator.name_span, `the exception ${swallowing.name} keeps every event of it from it`)];
  }
  const most_rows = Math.min(limits.rows_per_key, sources.viewRows(operator) ?? limits.rows_per_key);
  const group = sources.groupOf(select, seesSilence(select) ? 0 : 1, most_rows);
  return firstNever(conjunctsOf(select.having), group, operator, 'HAVING');
}

/** The innermost first. */
export function joinsOf(join: CheckedJoin | null): readonly CheckedJoin[] {
  return join === null ? [] : [...joinsOf(join.left.join), join];
}

/** A view is read by others: what it never has is a row. */
function never(
  { kind, table, branch }: CheckedOperator,
  span: Span,
  label: string,
  hints: readonly string[] = [],
): Finding {
  // Of a UNION ALL the others may have rows.
  const what = branch !== null ? 'SELECT of the UNION ALL' : table ? 'table' : 'view';
  const message = kind === 'rule' ? 'this rule can never fire' : `this ${what} can never have a row`;
  return { code: 'W0302', span, message, label, hints };
}

function firstNever(
  conditions: readonly Checked[],
  facts: Facts,
  operator: CheckedOperator,
  clause: Said['clause'],
): Finding[] {
  const found = firstImpossible(conditions, facts, operator, clause);
  return found === null || found.isSaid ? [] : [never(operator, found.condition.span, ...found.why())];
}

/** What cannot be true, and why. */
interface Impossible {
  readonly condition: Checked;
  /** It has been warned about where it stands. */
  readonly isSaid: boolean;
  why(): Reason;
}

/** The first condition that cannot be true when all of them are; what each says is learnt on the way, twice. */
export function firstImpossible(
  conditions: readonly Checked[],
  facts: Facts,
  { select }: CheckedOperator,
  clause: Said['clause'],
): Impossible | null {
  const said: Said = { clause, texts: new Map() };
  for (let round = 0; round < 2; round++) {
    for (const condition of conditions) {
      if (!canHold(condition, facts)) {
        // NULL by itself has been said already, where it stands.
        const isNull = isNullOnly(evaluate(condition, facts)) && nullComparisons(condition, facts).length > 0;
        return {
          condition,
          isSaid: isNull || isNullLiteral(condition),
          why: () => whyNever(condition, facts, select, said),
        };
      }
      facts.learn(condition);
      if (round === 0) sayOf(condition, said);
    }
  }
  return null;
}

/** `x = NULL` is NULL already in the checked rule, and has been warned about there. */
function isNullLiteral(condition: Checked): boolean {
  if (condition.kind === 'literal') return condition.value === null;
  return partsOfChecked(condition).some(isNullLiteral);
}
