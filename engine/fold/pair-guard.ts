import type { Column } from '../batch.ts';
import type { LookupVersions } from '../lookups/lookup-versions.ts';
import type { Lookups } from '../lookups/lookups.ts';
import {
  type Conjunct,
  type JoinSpec,
  type LookupSpec,
  type Program,
  type StreamSpec,
  TENANT_COLUMN,
} from '../program.ts';
import { columnOf, columnShape } from '../route/column-values.ts';
import { ComputedColumns } from '../route/computed-columns.ts';
import { passesResidual } from '../route/residual.ts';
import { Router } from '../route/router.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import { isExists, type Side } from './join-parts.ts';

/** What is read of a pair: a column of the joined stream, and whose row has it. */
interface Read {
  readonly column: number;
  readonly source: number;
  readonly side: Side;
}

/**
 * HOT. Whether any rule can read a pair, asked of its numbers before it becomes a row with texts: of a condition in WHERE
 * on a lookup, or on both rows, most pairs fail. The readers' own conditions are routed once more, over one pair or, of one
 * side alone, over many rows (sleep.ts), so what is left out is what none of them would have taken. The plain form makes every pair a row, and row stores keep some that
 * fail WHERE (their class alone does not tell): where a bound of such a store is met (S14), that form can drop more.
 */
export class PairGuard {
  /** What to give for each pair, in this order. */
  readonly reads: readonly Read[];
  /** The lookups that it asks. */
  readonly asked: readonly LookupVersions[];
  #rows = rowsOf(1);
  /** The columns of `reads`. */
  #given: readonly Column[] = [];
  /** Of the stream's fields, as ComputedColumns takes them. */
  #fields: readonly Column[] = [];
  readonly #stream: StreamSpec;
  /** Of the rows that were asked last. */
  #answers = new Uint8Array(1);
  readonly #computed: ComputedColumns;
  readonly #router: Router;

  private constructor(
    reads: readonly Read[],
    needed: ReadonlySet<number>,
    readers: readonly { readonly where: readonly Conjunct[] }[],
    stream: StreamSpec,
    symbols: Symbols,
    lookups: Lookups,
  ) {
    this.reads = reads;
    const asks = stream.columns.flatMap((one, column) =>
      one.kind === 'lookup' && needed.has(column) ? [one.lookup] : [],
    );
    this.asked = [...new Set(asks)].map((lookup) => lookups.all[lookup]);
    this.#stream = stream;
    this.#reserve(1);
    this.#computed = new ComputedColumns(stream, symbols, lookups, needed);
    this.#router = new Router(stream, readers, symbols);
  }

  #reserve(count: number): void {
    const fields = this.#stream.columns.filter(({ kind }) => kind === 'field');
    this.#rows = rowsOf(count);
    this.#answers = new Uint8Array(count);
    this.#fields = fields.map(({ storage }) =>
      storage === 'id' ? new Int32Array(count) : new Float64Array(count).fill(Number.NaN),
    );
    this.#given = this.reads.map(({ source }) => this.#fields[source]);
  }

  /** null: some reader takes every pair, or a pair's numbers are not what stands in its columns. */
  static of(program: Program, number: number, symbols: Symbols, lookups: Lookups): PairGuard | null {
    const { kind } = program.streams[number].join as JoinSpec;
    return isExists(kind) ? null : PairGuard.#of(program, number, readersOf(program, number), symbols, lookups);
  }

  /**
   * The same, asked of one side's row alone: what none of its pairs passes while the lookups say what they say. null: a
   * reader asks nothing of that side, or what it asks may be another thing at another time.
   */
  static ofSide(program: Program, number: number, side: Side, symbols: Symbols, lookups: Lookups): PairGuard | null {
    return PairGuard.#of(program, number, askedOfSide(program, number, side), symbols, lookups);
  }

  static #of(
    program: Program,
    number: number,
    readers: readonly { readonly where: readonly Conjunct[] }[],
    symbols: Symbols,
    lookups: Lookups,
  ): PairGuard | null {
    const stream = program.streams[number];
    const join = stream.join as JoinSpec;
    if (readers.some(({ where }) => where.length === 0)) return null;
    const asked = readers.flatMap(({ where }) => where.flatMap(({ columns }) => columns));
    const needed = inputsOf(stream, asked);
    const fields = stream.columns.flatMap(({ kind }, column) => (kind === 'field' ? [column] : []));
    const reads = fields.flatMap((column, source): Read[] => {
      return needed.has(column) ? [{ column, source, side: join.sources[source].side }] : [];
    });
    const isSame = reads.every(({ column, source, side }) => {
      const own = columnShape(program.streams[join[side].stream], join.sources[source].column);
      const { type, storage } = stream.columns[column];
      // The text of an array is written anew in a pair.
      return own.type === type && own.storage === storage && type !== 'array';
    });
    return isSame ? new PairGuard(reads, needed, readers, stream, symbols, lookups) : null;
  }

  /** The number of reads[k]. */
  give(k: number, raw: number): void {
    this.#given[k][0] = raw;
  }

  /** Of the pair whose numbers were given; `at` is the row that came last, whose place is the pair's. Lookups as of `stamp`. */
  isRead(rows: StreamRows, at: number, stamp: number): boolean {
    this.#place(0, rows, at, stamp);
    this.#ask(1);
    return this.#answers[0] === 1;
  }

  /**
   * Of the rows of one side that `list` names, all at once, as of `time` or, with null, each as of its own: of the first
   * `count` a 1 where it can be read. `columns`: for each of `reads`, the column of that side's stream. The array is
   * overwritten by the next call.
   */
  areRead(
    rows: StreamRows,
    columns: readonly number[],
    list: Int32Array,
    count: number,
    time: number | null,
  ): Uint8Array {
    if (this.#answers.length < count) this.#reserve(2 * count);
    for (let n = 0; n < count; n++) this.#place(n, rows, list[n], time ?? rows.time[list[n]]);
    for (let k = 0; k < columns.length; k++) {
      const source = columnOf(rows, columns[k]);
      const given = this.#given[k];
      for (let n = 0; n < count; n++) given[n] = source[list[n]];
    }
    this.#ask(count);
    return this.#answers;
  }

  #place(n: number, rows: StreamRows, at: number, stamp: number): void {
    const own = this.#rows;
    own.time[n] = rows.time[at];
    own.stamp[n] = stamp;
    own.tenant[n] = rows.tenant[at];
  }

  #ask(count: number): void {
    const rows = this.#rows;
    rows.count = count;
    rows.columns = this.#fields as Column[];
    this.#computed.complete(rows);
    this.#router.route(rows);
    for (let n = 0; n < count; n++) this.#answers[n] = this.#isTaken(n) ? 1 : 0;
  }

  #isTaken(n: number): boolean {
    const { classes, rowClass, tests, residual } = this.#router;
    const members = classes.members[rowClass[n]];
    for (let k = 0; k < members.length; k++) {
      const asked = tests[members[k]];
      if (asked === null || passesResidual(residual, asked, n)) return true;
    }
    return false;
  }

  /** Ids were taken back and may be given to other texts. */
  forget(): void {
    this.#computed.forget();
    this.#router.forget();
  }
}

/** What each reader of a join's stream asks of one side's row alone; nothing where it could be another thing at another time. */
export function askedOfSide(program: Program, number: number, side: Side): { readonly where: readonly Conjunct[] }[] {
  const isOfSide = (conjunct: Conjunct) => asksSideAlone(program, number, side, conjunct);
  return readersOf(program, number).map(({ where }) => ({ where: where.filter(isOfSide) }));
}

/** Whether a conjunct reads one side's columns alone, and of lookups those whose rows have no time of their own. */
function asksSideAlone({ streams, lookups = [] }: Program, number: number, side: Side, { columns }: Conjunct): boolean {
  const stream = streams[number];
  const { sources } = stream.join as JoinSpec;
  const fields = stream.columns.flatMap(({ kind }, column) => (kind === 'field' ? [column] : []));
  const isOfSide = (column: number): boolean => {
    if (column === TENANT_COLUMN) return true;
    if (column < 0) return false;
    const spec = stream.columns[column];
    if (spec.kind === 'field') return sources[fields.indexOf(column)].side === side;
    const isTimeless = spec.kind === 'computed' || isWithoutTime(lookups[spec.lookup]);
    return isTimeless && spec.inputs.every(isOfSide);
  };
  return columns.some((column) => column >= 0) && columns.every(isOfSide);
}

function isWithoutTime({ valid_from, valid_to }: LookupSpec): boolean {
  return valid_from === null && valid_to === null;
}

/** Who reads the rows of a stream: operators, and sides of joins. */
function readersOf({ operators, streams }: Program, stream: number): { readonly where: readonly Conjunct[] }[] {
  const sides = streams.flatMap(({ join }) => (join === undefined ? [] : [join.left, join.right]));
  return [...operators.filter(({ input }) => input === stream), ...sides.filter((side) => side.stream === stream)];
}

/** These columns, and what they are computed from. */
function inputsOf({ columns }: StreamSpec, asked: readonly number[]): Set<number> {
  const needed = new Set<number>();
  const add = (column: number): void => {
    needed.add(column);
    const spec = columns[column];
    if (spec !== undefined && spec.kind !== 'field') for (const input of spec.inputs) add(input);
  };
  for (const column of asked) add(column);
  return needed;
}

function rowsOf(count: number): StreamRows {
  const ids = { idStart: new Int32Array(count + 1), idBytes: new Uint8Array(0) };
  return {
    ...{ count, time: new Float64Array(count), stamp: new Float64Array(count), seq: new Float64Array(count) },
    ...{ tenant: new Int32Array(count), partition: new Int32Array(count), position: new Float64Array(count) },
    ...{ ...ids, columns: [], evidenceStart: ids.idStart, evidenceBytes: ids.idBytes },
    ...{ root: new Int32Array(count), atEnd: new Uint8Array(count) },
  };
}
