import type { OperatorSpec } from '../program.ts';
import type { PlacedOperator } from './store-operator.ts';

/** Row stores that one key expression may be split into. */
const MOST_LANES = 64;

/**
 * The windowed operators of a stream by row store: those of one key expression, in lanes. Bounds are of a store, so that
 * what is in one belongs to what a program means.
 * @param whole of a part of a program (runtime/program-parts.ts), by operator: the number of its store in the whole program
 */
export function storesOf(operators: readonly PlacedOperator[], whole?: readonly number[]): PlacedOperator[][] {
  if (whole !== undefined) return [...Map.groupBy(operators, ({ index }) => whole[index]).values()];
  const byKey = Map.groupBy(operators, ({ spec }) => {
    return JSON.stringify([isTimed(spec), spec.key, spec.state_keys ?? null, spec.across ?? null]);
  });
  return [...byKey.values()].flatMap(splitIntoLanes);
}

/** Whether the operator's windows are those of the window store (see there). */
export function isTimed({ window }: OperatorSpec): boolean {
  if (window === null || window.kind === 'sliding') return false;
  if (window.kind !== 'tumbling' || window.calendar !== undefined) return true;
  return window.empty_ms !== undefined || window.empty_lookup !== undefined;
}

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
  /** Union-find over positions: each points towards the first operator of its lane. */
  const parents = new Map(operators.map(({ position }) => [position, position]));
  const rootOf = (position: number): number => {
    let root = position;
    while (parents.get(root) !== root) root = parents.get(root) ?? root;
    return root;
  };
  const firstWith = new Map<unknown, number>();
  for (const { position, spec } of operators) {
    const fixed = spec.where.find((c) => c.values !== undefined && c.columns[0] === column);
    if (fixed?.values === undefined) return null;
    for (const value of fixed.values) {
      const [a, b] = [rootOf(firstWith.get(value) ?? position), rootOf(position)];
      parents.set(Math.max(a, b), Math.min(a, b));
      firstWith.set(value, Math.min(a, b));
    }
  }
  return [...Map.groupBy(operators, ({ position }) => rootOf(position)).values()];
}
