/** Bounds on rule text: more than any real rule needs, and little enough that no recursion can run out of stack. */
export const syntaxLimits = {
  /** UTF-16 units of one file. */
  file_length: 4 * 1024 * 1024,
  /** Brackets, CASE and prefix signs inside one another. */
  nesting: 64,
  /** Levels of an expression's tree, chains like a + b + c included. */
  depth: 256,
} as const;
