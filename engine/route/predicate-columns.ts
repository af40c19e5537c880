import type { Conjunct, OperatorSpec, StreamSpec } from '../program.ts';
import { columnShape } from './column-values.ts';

/** A column with at most this many conditions may be part of the signature, however few operators look at it. */
const FEW_CONDITIONS = 4;

/** Conditions of no known form in one group: two outcomes each, so there are at most 4,096 classes of them. */
const FREE_CONDITIONS = 12;

/** There are never more signatures than this, whatever values come, and so never more row classes. */
export const MOST_SIGNATURES = 65_536;

/** Conditions on one column that give its values one class number. */
export interface PredicateColumn {
  readonly column: number;
  readonly conjuncts: readonly Conjunct[];
  /** There are never more classes than this, whatever values come. */
  readonly most: number;
}

export interface PredicateColumns {
  readonly signature: readonly PredicateColumn[];
  readonly residual: readonly PredicateColumn[];
  /** Conditions over several columns, in groups that give one class number each. */
  readonly joint: readonly (readonly Conjunct[])[];
}

/**
 * How the conditions of a stream's operators are divided, by what could come and not by what does: values are chosen by
 * whoever sends events, and twenty patterns on one text have a million outcomes. So conditions of no known form stand in
 * small groups, and only columns that most operators look at, or with few conditions, make the signature, as many as
 * keep the number of signatures within its bound. The others are residual: that costs a look per row and cannot show.
 */
export function predicateColumns(
  stream: StreamSpec,
  operators: readonly Pick<OperatorSpec, 'where'>[],
): PredicateColumns {
  const conditions = new Map<number, Conjunct[]>();
  const users = new Map<number, Set<number>>();
  const joint: Conjunct[] = [];
  operators.forEach(({ where }, position) => {
    for (const conjunct of where) {
      const [column, second] = conjunct.columns;
      if (column === undefined) continue;
      if (second !== undefined) {
        joint.push(conjunct);
        continue;
      }
      conditions.set(column, [...(conditions.get(column) ?? []), conjunct]);
      users.set(column, (users.get(column) ?? new Set()).add(position));
    }
  });
  const usersOf = ({ column }: PredicateColumn) => users.get(column)?.size ?? 0;
  const groups = [...conditions]
    .sort(([a], [b]) => a - b)
    .map(([column, conjuncts]) => groupsOf(stream, column, conjuncts));
  const isBroad = (group: PredicateColumn) =>
    group.conjuncts.length <= FEW_CONDITIONS || usersOf(group) * 2 >= operators.length;
  const candidates = groups.filter((of) => of.length === 1 && of.every(isBroad)).flat();
  const signature = new Set<PredicateColumn>();
  let signatures = 1;
  for (const group of candidates.sort((a, b) => usersOf(b) - usersOf(a) || a.most - b.most || a.column - b.column)) {
    if (signatures * group.most > MOST_SIGNATURES) continue;
    signatures *= group.most;
    signature.add(group);
  }
  const all = groups.flat();
  return {
    signature: all.filter((group) => signature.has(group)),
    residual: all.filter((group) => !signature.has(group)),
    joint: inGroups(joint),
  };
}

/** One group where the outcomes can be few; else those of no known form in groups of their own. */
function groupsOf(stream: StreamSpec, column: number, conjuncts: readonly Conjunct[]): PredicateColumn[] {
  // True, false and NULL, whatever the conditions.
  if (columnShape(stream, column).type === 'bool') return [{ column, conjuncts, most: 3 }];
  const known = conjuncts.filter(({ named, comparison }) => named !== undefined || comparison !== undefined);
  const free = conjuncts.filter((conjunct) => !known.includes(conjunct));
  const most = mostClasses(known);
  if (free.length <= FREE_CONDITIONS && most.thresholds * 2 ** free.length <= 2 ** FREE_CONDITIONS) {
    return [{ column, conjuncts, most: most.thresholds * 2 ** free.length + most.named }];
  }
  const others = inGroups(free).map((group) => ({ column, conjuncts: group, most: 2 ** group.length }));
  if (known.length === 0) return others;
  return [{ column, conjuncts: known, most: most.thresholds + most.named }, ...others];
}

/** Classes by thresholds (each, and what lies between them and beyond, and NULL; 1 without any), and of named values and NULL. */
function mostClasses(known: readonly Conjunct[]): { thresholds: number; named: number } {
  const thresholds = new Set(known.flatMap(({ comparison }) => comparison?.constant ?? []));
  const named = new Set(known.flatMap((conjunct) => conjunct.named ?? []));
  return { thresholds: thresholds.size === 0 ? 1 : 2 * thresholds.size + 2, named: named.size + 1 };
}

function inGroups(conjuncts: readonly Conjunct[]): Conjunct[][] {
  return Array.from({ length: Math.ceil(conjuncts.length / FREE_CONDITIONS) }, (_, i) =>
    conjuncts.slice(i * FREE_CONDITIONS, (i + 1) * FREE_CONDITIONS),
  );
}
