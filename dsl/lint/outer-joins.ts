import type { Checked, CheckedColumn, CheckedJoin, CheckedOperator } from '../check/checked.ts';
import type { Finding } from '../diagnostics/diagnostic.ts';
import { conjunctsOf } from '../plan/lower.ts';
import { evaluate } from './evaluate.ts';
import { Facts } from './facts.ts';
import type { Sources } from './ground.ts';
import { alwaysNull, canBe } from './known.ts';
import { partsOfChecked } from './parts.ts';

/**
 * Conditions of WHERE that no row without a partner passes: where everything of the right side is NULL they cannot be
 * true, so that the LEFT JOIN gives what a JOIN gives.
 */
export function innerByWhere({ select }: CheckedOperator, sources: Sources): Finding[] {
  const findings: Finding[] = [];
  const conditions = conjunctsOf(select.where);
  const { ground } = sources.rowsOf(select);
  for (const { alias, as_of } of outerSides(select.join)) {
    const isRight = (part: Checked) => part.kind === 'column' && part.path.length > 1 && part.path[0] === alias;
    const unmatched = new Facts({
      ...ground,
      column: (column: CheckedColumn) => (isRight(column) ? alwaysNull : ground.column(column)),
    });
    for (const condition of conditions) {
      if (!reads(condition, isRight) || canBe(evaluate(condition, unmatched), true)) continue;
      findings.push(
        inner(
          condition,
          as_of
            ? [orWritten]
            : ['move it into ON, and rows without such a partner stay', 'if they are not wanted, write JOIN'],
        ),
      );
    }
  }
  for (const row of select.outer_lookups) {
    const isRight = (part: Checked) => part.kind === 'lookup' && part.lookup === row.lookup && sameKeys(part, row);
    for (const condition of conditions) {
      const unmatched = new Facts(ground);
      for (const part of partsWhere(condition, isRight)) unmatched.set(part, alwaysNull);
      if (!reads(condition, isRight) || canBe(evaluate(condition, unmatched), true)) continue;
      findings.push(inner(condition, [orWritten]));
    }
  }
  return findings;
}

/** ON of a lookup and of a table has its key and nothing else. */
const orWritten = 'write JOIN, or say what is wanted of rows without one: … OR x IS NULL';

function inner({ span }: Checked, hints: readonly string[]): Finding {
  return {
    code: 'W0330',
    span,
    message: 'this condition makes the LEFT JOIN an inner one',
    label: 'of a row without a partner this is NULL or false: it never passes',
    hints,
  };
}

function outerSides(join: CheckedJoin | null): { readonly alias: string; readonly as_of: boolean }[] {
  if (join === null) return [];
  const own = { alias: join.right.alias, as_of: join.as_of === true };
  return [...outerSides(join.left.join), ...(join.kind === 'left' ? [own] : [])];
}

function reads(expression: Checked, isRight: (part: Checked) => boolean): boolean {
  return partsWhere(expression, isRight).length > 0;
}

function partsWhere(expression: Checked, is: (part: Checked) => boolean): Checked[] {
  return is(expression) ? [expression] : partsOfChecked(expression).flatMap((part) => partsWhere(part, is));
}

type LookupValue = Extract<Checked, { kind: 'lookup' }>;

function sameKeys(part: LookupValue, row: LookupValue): boolean {
  const plain = (keys: readonly Checked[]) =>
    JSON.stringify(keys, (name, value) => (name === 'span' ? undefined : value));
  return part.output !== null && plain(part.keys) === plain(row.keys);
}
