/** Bounds on what one call may cost, for texts and patterns come from outside. Beyond them a function is NULL. */
export const bounds = {
  /** UTF-16 units of a text that a function makes; as much as a field may hold. */
  text_units: 64 * 1024,
  /** Code points of each text that levenshtein and jaro_winkler compare: their cost is the product. */
  similarity_code_points: 1_000,
  /** UTF-16 units of a regular expression, of what its matches are replaced by, and of a LIKE pattern. */
  pattern_units: 1_000,
  /**
   * Instructions of a compiled regular expression: each code point of a text may cost so many. Enough for a {1,255}, too
   * little for (a{30}){30}.
   */
  pattern_steps: 600,
  /** Compiled patterns, networks and zones kept for the next call. */
  cached_entries: 1_000,
} as const;
