import type { PlacedOperator } from './store-operator.ts';

/** Row stores that one key expression may be split into. */
const MOST_LANES = 64;

/**
 * Splits the operators of one key expression into lanes that can never read the same row: where every one of them
 * fixes the values of a column (`event_type = 'login'`), those with different values need not share rows. A lane's row
 * store then says "this key has fewer rows than anyone needs" of the rows that matter only, and keys stay cold longer.
 * Which lanes there are depends on the program alone.
 */
export function splitIntoLanes(operators: readonly PlacedOperator[]): PlacedOperator[][] {
  const columns = new Set(
    operators.flatMap(({ spec }) => spec.where.filter((c) => c.values !== undefined).map((c) => c.columns[0])),
  );
  let best: PlacedOperator[][] = [[...operators]];
  for (const column of columns) {
    const lanes = lanesBy(column, operators);
    if (lanes !== null && lanes.length > best.length) best = lanes;
  }
  if (best.length <= MOST_LANES) return best;
  const packed = Array.from({ length: MOST_LANES }, (): PlacedOperator[] => []);
  best.forEach((lane, i) => {
    packed[i % MOST_LANES].push(...lane);
  });
  return packed.map((lane) => lane.sort((a, b) => a.position - b.position));
}

/** Operators connected by common values of the column; null when one of them takes any value. */
function lanesBy(column: number, operators: readonly PlacedOperator[]): PlacedOperator[][] | null {
  const laneOf = new Map<unknown, { operators: PlacedOperator[]; values: unknown[] }>();
  for (const operator of operators) {
    const fixed = operator.spec.where.find((c) => c.values !== undefined && c.columns[0] === column);
    if (fixed?.values === undefined) return null;
    const met = new Set(fixed.values.map((value) => laneOf.get(value)).filter((lane) => lane !== undefined));
    const joined = { operators: [operator], values: [...fixed.values] as unknown[] };
    for (const lane of met) {
      joined.operators.push(...lane.operators);
      joined.values.push(...lane.values);
    }
    if (joined.values.length === 0) joined.values.push(operator);
    for (const value of joined.values) laneOf.set(value, joined);
  }
  return [...new Set(laneOf.values())].map((lane) => lane.operators.sort((a, b) => a.position - b.position));
}
