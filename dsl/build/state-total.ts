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

/** The state of several operators in all: rows and keys that they share count once. */
export function stateInAll(summaries: readonly ExplainSummary[], load: Load): Omit<StateAt, keyof Load> {
  const seen = new Set<string>();
  let bytes = 0;
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
