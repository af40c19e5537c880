import { type CheckedOperator, type CheckedSelect, identity } from '../check/checked.ts';

/** A view that gives one row for each of its windows and each of its keys. */
export interface WindowRows {
  readonly size_ms: number;
  /** For each part of its key the names of the columns that have it. */
  readonly keys: readonly (readonly string[])[];
}

/** What is known of a view whose TUMBLING windows are decided at their end; null: of another one nothing is. */
export function windowRows(
  { select, across, emit_early }: CheckedOperator,
  isDecidedAtEnd: boolean,
): WindowRows | null {
  const { window, key, outputs } = select;
  // A day by the clock of a time zone may be shorter.
  if (window?.kind !== 'tumbling' || window.zone !== undefined || !isDecidedAtEnd) return null;
  if (key === null || across !== null || emit_early !== null) return null;
  const keys = key.map(({ expression }, index) =>
    outputs
      .filter(({ expression: of }) => (of.kind === 'key' ? of.index === index : identity(of) === identity(expression)))
      .flatMap(({ name, aliases }) => [name, ...aliases]),
  );
  return { size_ms: window.size_ms, keys };
}

/**
 * How many rows of such a view one window of its reader can have at most: it touches so many windows of the view, and a
 * group of the reader, which has the view's whole key in its own, gets one row of each. Null: nothing bounds them.
 */
export function mostRows({ key, window }: CheckedSelect, { size_ms, keys }: WindowRows): number | null {
  const length_ms = window?.kind === 'session' ? window.max_ms : (window?.size_ms ?? null);
  if (key === null || window === null || length_ms === null || ('zone' in window && window.zone !== undefined))
    return null;
  const grouped = new Set(key.flatMap(({ expression }) => (expression.kind === 'column' ? [expression.name] : [])));
  if (!keys.every((names) => names.some((name) => grouped.has(name)))) return null;
  return Math.ceil(length_ms / size_ms) + 1;
}
