import { expectsKeys, type Program } from '../program.ts';
import { type Asked, dispensableColumns, mostAsked, readersOf } from '../route/asked-columns.ts';
import type { Value } from '../value.ts';
import type { ColumnSource } from './column-sources.ts';
import { type PackedTexts, TextList } from './packed-texts.ts';
import type { Codes, StoredEvents } from './stored-events.ts';

/** One stored column, and what rules ask of it. */
interface AskedColumn {
  readonly name: string;
  readonly conjuncts: Asked['conjuncts'];
  /** The constants that they compare it with. */
  readonly named: readonly string[];
  /** Stands for every text but those. */
  readonly other: string;
}

/**
 * HOT. Which rows of a stretch of stored columns any rule may read: what the guard asks of an event (route/guard.ts), asked
 * of a whole column. A condition is evaluated for NULL, for the constants that rules name and that stand in the column, and
 * once for all other texts; by row only codes are looked at. Where no text of a column is one that a rule names, not even
 * those are read.
 */
export class RowSelection {
  readonly #asked: readonly AskedColumn[];
  readonly #readers: number;
  /** Rows that no rule reads show nowhere: they can be left out. Else they come with `dispensable` columns as NULL. */
  readonly leavesOut: boolean;
  readonly dispensable: readonly number[];

  private constructor(
    program: Program,
    readers: number,
    asked: readonly AskedColumn[],
    dispensable: readonly number[],
  ) {
    this.#asked = asked;
    this.#readers = readers;
    this.dispensable = dispensable;
    this.leavesOut = program.rows_cannot_fail === true && !program.operators.some(expectsKeys);
  }

  /**
   * null: some rule reads events of every kind.
   * @param sources what the program's columns are filled from
   */
  static of(program: Program, sources: readonly ColumnSource[]): RowSelection | null {
    const [stream] = program.streams;
    const readers = readersOf(program);
    const names = new Map(sources.filter(({ from }) => from === 'stored').map(({ column, name }) => [column, name]));
    const isFit = ({ column }: Asked): boolean => stream.columns[column].type === 'string' && names.has(column);
    const asked = mostAsked(stream, readers).filter(isFit);
    const isAsked = (_: unknown, reader: number) =>
      asked.some(({ conjuncts }) => conjuncts.some((one) => one.reader === reader));
    if (!readers.every(isAsked)) return null;
    const first = new Set(asked.map(({ column }) => column));
    const dispensable = dispensableColumns(stream).filter((column) => names.has(column) && !first.has(column));
    const columns = asked.map(({ column, conjuncts }) => askedOf(names.get(column) as string, conjuncts));
    return new RowSelection(program, readers.length, columns, dispensable);
  }

  /** By row 1 where a rule may read it, in the order of rows; null: one may read any. */
  of(events: StoredEvents): Uint8Array | null {
    const words = (this.#readers + 31) >> 5;
    const columns = this.#asked.map((asked) => {
      const column = events.column(asked.name);
      if (column instanceof Float64Array)
        throw new Error(`the column ${asked.name} has numbers, and texts are asked for`);
      return { column, masks: this.#masksOf(asked, column?.texts ?? null, words) };
    });
    const kept = new Uint8Array(events.count);
    const byWord = Array.from({ length: words }, (_, word) => columns.map(({ masks }) => masks[word])).filter(canHold);
    // Reading them is most of the work: once for all readers.
    const codes = byWord.length === 0 ? [] : columns.map(({ column }) => column?.codes ?? null);
    for (const masks of byWord) {
      const left = new Int32Array(events.count).fill(-1);
      masks.forEach((mask, k) => {
        keepWhere(left, codes[k], mask);
      });
      for (let row = 0; row < kept.length; row++) if (left[row] !== 0) kept[row] = 1;
    }
    return kept.includes(0) ? kept : null;
  }

  /** By word of readers, by code: whose conditions on the column hold, or are none. */
  #masksOf({ conjuncts, named, other }: AskedColumn, texts: PackedTexts | null, words: number): Int32Array[] {
    const masks = Array.from({ length: words }, () => new Int32Array(1 + (texts?.ends.length ?? 0)));
    const put = (code: number, bits: Int32Array): void =>
      masks.forEach((mask, word) => {
        mask[code] = bits[word];
      });
    put(0, this.#bitsOf(conjuncts, null, words));
    if (texts === null) return masks;
    const bits = this.#bitsOf(conjuncts, other, words);
    for (const [word, mask] of masks.entries()) mask.fill(bits[word], 1);
    const list = new TextList(texts);
    for (const text of named) {
      const place = list.placeOf(text);
      if (place >= 0) put(place + 1, this.#bitsOf(conjuncts, text, words));
    }
    return masks;
  }

  #bitsOf(conjuncts: Asked['conjuncts'], value: Value, words: number): Int32Array {
    const bits = new Int32Array(words);
    for (let reader = 0; reader < this.#readers; reader++) bits[reader >> 5] |= 1 << (reader & 31);
    for (const { reader, conjunct } of conjuncts) {
      if (conjunct.test([value]) !== true) bits[reader >> 5] &= ~(1 << (reader & 31));
    }
    return bits;
  }
}

/** Whether there may be a row of which all conditions of one reader hold: each column has a value, or NULL, for it. */
function canHold(masks: readonly Int32Array[]): boolean {
  return masks.reduce((left, mask) => left & mask.reduce((all, one) => all | one, 0), -1) !== 0;
}

/** @param codes null: NULL in every row */
function keepWhere(left: Int32Array, codes: Codes | null, mask: Int32Array): void {
  if (codes === null) for (let row = 0; row < left.length; row++) left[row] &= mask[0];
  else for (let row = 0; row < left.length; row++) left[row] &= mask[codes[row]];
}

function askedOf(name: string, conjuncts: Asked['conjuncts']): AskedColumn {
  const values = new Set(conjuncts.flatMap(({ conjunct }) => conjunct.named ?? []));
  // Half a surrogate pair has no UTF-8, and no column has it: its bytes would be those of another text.
  const named = [...values].filter((value) => typeof value === 'string' && value.isWellFormed()) as string[];
  let k = 1;
  while (values.has(`text ${k}`)) k++;
  return { name, conjuncts, named, other: `text ${k}` };
}
