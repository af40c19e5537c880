import type { Conjunct, Program, StreamSpec } from '../program.ts';

/** What reads the events stream asks of one column: equality with constants. */
export interface Asked {
  readonly column: number;
  /** Conjuncts, each with the reader (its number) that asks it. */
  readonly conjuncts: readonly { readonly reader: number; readonly conjunct: Conjunct }[];
}

/** Columns that are looked at, at most: those that most readers ask. */
export const MOST_COLUMNS = 4;

/** The conditions of each operator and of each side of a join that reads the events stream. */
export function readersOf(program: Program): (readonly Conjunct[])[] {
  const sides = program.streams.flatMap(({ join }) => (join === undefined ? [] : [join.left, join.right]));
  return [
    ...program.operators.filter(({ input }) => input === 0).map(({ where }) => where),
    ...sides.filter(({ stream }) => stream === 0).map(({ where }) => where),
  ];
}

/** @param kinds 'texts': of texts of declared fields alone, which are asked of stored columns as well */
export function mostAsked(
  { columns }: StreamSpec,
  readers: readonly (readonly Conjunct[])[],
  kinds: 'all' | 'texts',
): Asked[] {
  const all = readers.flatMap((where, reader) => where.map((conjunct) => ({ reader, conjunct })));
  const equalities = all.filter(({ conjunct }) => {
    const [column] = conjunct.columns;
    const spec = columns[column];
    if (conjunct.named === undefined || spec?.kind !== 'field' || spec.storage !== 'id') return false;
    return kinds === 'all' || (spec.conversion === 'declared' && spec.type === 'string');
  });
  const byColumn = Map.groupBy(equalities, ({ conjunct }) => conjunct.columns[0]);
  return [...byColumn]
    .map(([column, conjuncts]) => ({ column, conjuncts }))
    .sort((a, b) => b.conjuncts.length - a.conjuncts.length || a.column - b.column)
    .slice(0, MOST_COLUMNS);
}

/** Texts of declared fields that nothing is computed from: what is computed is so for every event, and counts what fails. */
export function dispensableColumns({ columns }: StreamSpec): number[] {
  const inputs = new Set(columns.flatMap((column) => (column.kind === 'field' ? [] : column.inputs)));
  return columns.flatMap((column, index) => {
    const isText = column.kind === 'field' && column.storage === 'id' && column.conversion === 'declared';
    return isText && !inputs.has(index) ? [index] : [];
  });
}
