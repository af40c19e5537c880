/** What a lookup says at a time, said once more without any code of the product (S9, S13): read every row of the version. */
export interface LookupRow {
  k: string;
  /** Valid in [from, to), epoch milliseconds; null is open. */
  from: number | null;
  to: number | null;
  /** What else a row says; absent: NULL. */
  owner?: string | null;
  level?: number | null;
}

export interface LookupVersion {
  /** It acts on events from this time on; null: from the beginning. */
  at: number | null;
  rows: LookupRow[];
}

/** Versions whose times are numbers of events, as versions with times, in order. */
export function atTimesOf(versions: readonly LookupVersion[], times: readonly number[]): LookupVersion[] {
  const time = (event: number | null) => (event === null ? null : (times[event % times.length] as number));
  const timed = versions.map(({ at, rows }) => ({
    at: time(at),
    rows: rows.map((row) => ({ ...row, from: time(row.from), to: time(row.to) })),
  }));
  return timed.sort((a, b) => ((a.at ?? 0) === (b.at ?? 0) ? 0 : (a.at ?? 0) - (b.at ?? 0)));
}

/** Rows that the loader would take: of two of one key that are valid at the same time the first stands. */
export function distinctRows(rows: readonly LookupRow[]): LookupRow[] {
  const kept: LookupRow[] = [];
  for (const row of rows) {
    const [from, to] = [row.from ?? -Infinity, row.to ?? Infinity];
    const clashes = kept.some((one) => one.k === row.k && from < (one.to ?? Infinity) && (one.from ?? -Infinity) < to);
    if (from < to && !clashes) kept.push(row);
  }
  return kept;
}

/** The version that acts at a time; undefined before the first one. Of two from one time on the later one stands. */
export function actingAt(versions: readonly LookupVersion[], time: number): LookupVersion | undefined {
  return versions.filter(({ at }) => (at ?? -Infinity) <= time).at(-1);
}

/** `k IN LOOKUP known` at a time: NULL where the key is NULL or nothing is known of the lookup. */
export function isKnown(versions: readonly LookupVersion[], k: string | null, time: number): boolean | null {
  if (actingAt(versions, time) === undefined || k === null) return null;
  return validAt(versions, time).some((row) => row.k === k);
}

/** The rows of the version that acts at a time which are valid then. */
export function validAt(versions: readonly LookupVersion[], time: number): LookupRow[] {
  const rows = distinctRows(actingAt(versions, time)?.rows ?? []);
  return rows.filter((row) => (row.from ?? -Infinity) <= time && time < (row.to ?? Infinity));
}
