/** A place in rules where a value can come to nothing: a cast, arithmetic that leaves its type's bounds, a sum. */
export interface FailureSite {
  /** Names of the rules and views that read it. Rules that share a computed column share its place. */
  readonly readers: ReadonlySet<string>;
  /** The expression as Weir SQL. */
  text(): string;
}

/**
 * By rule or view, by expression: how often it came to nothing. A value that many rows have is computed once while it is
 * remembered, and counted as often: it is the number of computations, and no less than that of different bad values.
 */
export type FailedValues = ReadonlyMap<string, ReadonlyMap<string, number>>;

/**
 * How the expressions of a program say that a value came to nothing, which its NULL does not show: bad input is never
 * silent (language.md). The expressions of a program are shared by all that run it, so whoever evaluates says into what is
 * counted, and ends it when it is done. Nothing is counted where nobody listens: the second instance of EMIT EARLY, or a
 * checker.
 */
export class Failures {
  #counts: Map<FailureSite, number> | null = null;

  tellTo(counts: Map<FailureSite, number> | null): void {
    this.#counts = counts;
  }

  /** HOT where values are bad: no allocation but for a place's first. */
  count(site: FailureSite): void {
    this.#counts?.set(site, (this.#counts.get(site) ?? 0) + 1);
  }
}

/** What was counted, under each of its readers. */
export function failedValues(counts: ReadonlyMap<FailureSite, number>): FailedValues {
  const byReader = new Map<string, Map<string, number>>();
  for (const [site, count] of counts) {
    const text = site.text();
    for (const reader of site.readers) {
      const own = byReader.get(reader) ?? new Map<string, number>();
      byReader.set(reader, own.set(text, (own.get(text) ?? 0) + count));
    }
  }
  return byReader;
}

/** The same as plain objects, for JSON. */
export function failedValuesObject(failed: FailedValues): Record<string, Record<string, number>> {
  return Object.fromEntries([...failed].map(([reader, byText]) => [reader, Object.fromEntries(byText)]));
}
