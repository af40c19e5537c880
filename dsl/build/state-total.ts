import type { ExplainSummary } from './explain.ts';

/** How many keys there are, and how many rows each of them has in the window. */
export interface Load {
  readonly keys: number;
  readonly rows: number;
}

/** Bytes of a row store at a load, bounds included. */
export interface StateAt extends Load {
  /** Of rows and keys, which the operators of one row store share. */
  readonly bytes: number;
  /** On top, if every key is hot. 0: no key is at this load, or the operator needs the rows alone. */
  readonly hot_bytes: number;
}

/** What an operator's windows hold at a load; null where it keeps no rows. */
export function stateAt({ state }: ExplainSummary, { keys, rows }: Load): StateAt | null {
  if (state === null) return null;
  const kept = Math.min(keys, state.most_keys);
  const each = Math.min(rows, state.most_rows_per_key);
  const all = Math.min(kept * each, state.most_rows);
  return {
    ...{ keys: kept, rows: each },
    bytes: all * state.row_bytes + kept * state.key_bytes,
    hot_bytes: each > state.cold_rows ? kept * state.hot_bytes : 0,
  };
}

/** Bytes of a join at a load, bounds included; `rows` are those that it keeps of each key. */
export interface JoinAt extends Load {
  readonly stream: string;
  readonly bytes: number;
}

/**
 * What the joins of an operator hold at a load: so many keys, each with so many rows of either side that is kept for any
 * time; of a table as a baseline with one row each. Where a bound leaves fewer rows, both sides have lost equally.
 */
export function joinsAt({ joins }: ExplainSummary, { keys, rows }: Load): JoinAt[] {
  return joins.map((join) => {
    const left = join.is_baseline || join.left_kept_ms === 0 ? 0 : rows;
    const right = join.is_baseline ? 1 : join.right_kept_ms === 0 ? 0 : rows;
    const kept = left + right === 0 ? 0 : Math.min(keys, join.most_keys);
    const each = Math.min(left + right, join.most_rows_per_key);
    const all = Math.min(kept * each, join.most_rows);
    const row_bytes = (left * join.left_row_bytes + right * join.right_row_bytes) / Math.max(1, left + right);
    return { stream: join.stream, keys: kept, rows: each, bytes: Math.ceil(all * row_bytes) + kept * join.key_bytes };
  });
}

/** The state of several operators in all: rows and keys that they share count once, and so does a join. */
export function stateInAll(summaries: readonly ExplainSummary[], load: Load): Omit<StateAt, keyof Load> {
  const joins = new Map(
    summaries.flatMap((summary) => joinsAt(summary, load).map((join) => [join.stream, join.bytes])),
  );
  const seen = new Set<string>();
  let bytes = [...joins.values()].reduce((sum, of_join) => sum + of_join, 0);
  let hot_bytes = 0;
  for (const summary of summaries) {
    const at = stateAt(summary, load);
    if (at === null) continue;
    hot_bytes += at.hot_bytes;
    if (seen.has(summary.name)) continue;
    bytes += at.bytes;
    for (const name of [summary.name, ...(summary.state?.shared_with ?? [])]) seen.add(name);
  }
  return { bytes, hot_bytes };
}
