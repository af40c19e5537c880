/** A value of a file before its type is known, with its place in the text. */
export interface Cell {
  /** What CSV has is text; JSON has numbers, bools and null too. undefined: an object or a list, which no column holds. */
  readonly value: string | number | boolean | null | undefined;
  readonly offset: number;
  readonly length: number;
}

/** A row of a file: its cells by the name of the column. */
export interface TextRow {
  readonly offset: number;
  readonly length: number;
  readonly cells: ReadonlyMap<string, Cell>;
}

/** What is wrong in a file, at a place of its text. */
export interface TextProblem {
  readonly offset: number;
  readonly length: number;
  readonly message: string;
  readonly label: string;
}

/** A file as rows. A row with a problem is not among the rows. */
export interface TextTable {
  /** CSV: the names of its head, with their places; null for JSON, whose rows name their own. */
  readonly head: readonly Cell[] | null;
  readonly rows: readonly TextRow[];
  /** One per row that is left out. */
  readonly bad_rows: readonly TextProblem[];
  /** The whole file is of no use. */
  readonly problem: TextProblem | null;
}
