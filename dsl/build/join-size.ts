import { joinBytes, limits, type Program } from '../../engine/index.ts';

/**
 * What a join keeps, in bytes: the engine's own figures, read off the tables that it would make. Ids that do not stand in
 * their rows come on top: those of rows of views and of joins.
 */
export interface JoinSize {
  /** The stream that the join makes: it names the join. */
  readonly stream: string;
  /** How long a row of each side is kept. 0: it is matched with what is there, and not kept for what comes. */
  readonly left_kept_ms: number;
  readonly right_kept_ms: number;
  readonly left_row_bytes: number;
  readonly right_row_bytes: number;
  /** With the entry by which a key is found. */
  readonly key_bytes: number;
  /** A table as a baseline: of each key one row is kept, its last window. */
  readonly is_baseline: boolean;
  /** The bounds: beyond them the key that was silent longest goes, or a key's oldest rows of either side, counted. */
  readonly most_keys: number;
  readonly most_rows: number;
  readonly most_rows_per_key: number;
}

/** The joins whose rows a stream has, those of their sides before them; [] where it is none. */
export function joinSizesOf(program: Program, stream: number): JoinSize[] {
  const { name, join } = program.streams[stream];
  if (join === undefined) return [];
  const below = [join.left, join.right].flatMap((side) => joinSizesOf(program, side.stream));
  const { left_row, right_row, key, ...kept } = joinBytes(program, stream);
  const { key_groups, keys_per_group, rows_per_group, rows_per_key } = limits;
  const own: JoinSize = {
    stream: name,
    ...kept,
    left_row_bytes: left_row,
    right_row_bytes: right_row,
    key_bytes: key,
    is_baseline: join.as_of === true,
    most_keys: key_groups * keys_per_group,
    most_rows: key_groups * rows_per_group,
    most_rows_per_key: rows_per_key,
  };
  return [...below, own];
}
