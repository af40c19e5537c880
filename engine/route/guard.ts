import type { EventGuard } from '../decode/decoder.ts';
import type { Program, StreamSpec } from '../program.ts';
import { type Asked, dispensableColumns, MOST_COLUMNS, mostAsked, readersOf } from './asked-columns.ts';
import { columnShape } from './column-values.ts';
import type { Symbols } from './symbols.ts';
import { ValueClasses } from './value-classes.ts';

/**
 * HOT. Whether any rule may read an event, by the columns that most rules compare with constants (`event_type =
 * 'login'`). Of an event that none can read, the texts that only rules would look at are not looked up: the accounts and
 * addresses of events of other kinds cost nothing and are not remembered. They stand in its row as NULL; no reader's
 * conditions hold for it either way, because one that does not hold is among those that were looked at.
 */
export class Guard implements EventGuard {
  readonly first: readonly number[];
  readonly dispensable: readonly number[];
  readonly #classes: readonly ValueClasses[];
  /** By column and class, a bit for each reader: what it asks of the column holds. Grows with the classes. */
  readonly #bits: Int32Array[];
  readonly #masks: readonly (readonly Asked['conjuncts'][number][])[];
  readonly #words: number;
  readonly #readers: number;

  private constructor(
    readers: number,
    asked: readonly Asked[],
    dispensable: readonly number[],
    stream: StreamSpec,
    symbols: Symbols,
  ) {
    this.first = asked.map(({ column }) => column);
    this.dispensable = dispensable;
    this.#readers = readers;
    this.#words = (readers + 31) >> 5;
    this.#masks = asked.map(({ conjuncts }) => conjuncts);
    this.#classes = asked.map(({ column, conjuncts }) => {
      const own = conjuncts.map(({ conjunct }) => conjunct);
      return new ValueClasses(column, columnShape(stream, column), own, symbols);
    });
    this.#bits = asked.map(() => new Int32Array(0));
  }

  /** null: some rule reads events of every kind, or nothing could be left out. */
  static of(program: Program, symbols: Symbols): Guard | null {
    const [stream] = program.streams;
    const readers = readersOf(program);
    // What fails is counted of every row: the same of the texts that are there, whether rows come from records or columns.
    const asked = mostAsked(stream, readers, program.rows_cannot_fail === true ? 'all' : 'texts');
    const isAsked = readers.every((_, reader) =>
      asked.some(({ conjuncts }) => conjuncts.some((one) => one.reader === reader)),
    );
    const first = new Set(asked.map(({ column }) => column));
    const dispensable = dispensableColumns(stream).filter((column) => !first.has(column));
    if (!isAsked || dispensable.length === 0) return null;
    return new Guard(readers.length, asked, dispensable, stream, symbols);
  }

  isRead(values: ArrayLike<number>): boolean {
    const { first } = this;
    const words = this.#words;
    for (let k = 0; k < first.length; k++) this.#at[k] = this.#rowOf(k, values[first[k]]);
    for (let word = 0; word < words; word++) {
      let left = -1;
      for (let k = 0; k < first.length; k++) left &= this.#bits[k][this.#at[k] + word];
      if (left !== 0) return true;
    }
    return false;
  }

  readonly #at = new Int32Array(MOST_COLUMNS);

  /** Where the bits of a value's class begin. */
  #rowOf(k: number, id: number): number {
    const start = this.#classes[k].classOf(id) * this.#words;
    if (start >= this.#bits[k].length) this.#addClasses(k);
    return start;
  }

  #addClasses(k: number): void {
    const { table } = this.#classes[k];
    const words = this.#words;
    const bits = new Int32Array(table.count * words).fill(-1);
    for (let each = 0; each < table.count; each++) {
      // Beyond the last reader there is none.
      if (this.#readers % 32 !== 0) bits[each * words + words - 1] = (1 << (this.#readers % 32)) - 1;
      this.#masks[k].forEach(({ reader }, place) => {
        if (table.outcomes[each * table.width + place] === 1) return;
        bits[each * words + (reader >> 5)] &= ~(1 << (reader & 31));
      });
    }
    this.#bits[k] = bits;
  }

  /** It holds no ids that must stay. */
  markUsed(): void {}

  /** Ids were taken back and may be given to other texts. */
  forget(): void {
    for (const classes of this.#classes) classes.forget();
  }
}
