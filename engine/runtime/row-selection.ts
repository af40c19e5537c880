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

/** Of one column and a word of readers. */
interface Mask {
  /** By code. */
  readonly bits: Int32Array;
  /** Those of all codes together. */
  any: number;
  /** Codes that have any. */
  passing: number;
}

/** Rows that are left, and for which of a word of readers. */
interface Left {
  rows: Int32Array;
  readers: Int32Array;
  count: number;
  /** The first so many, for all readers: neither array says anything yet. */
  isAll: boolean;
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
  readonly #left: Left = { rows: new Int32Array(0), readers: new Int32Array(0), count: 0, isAll: true };

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
    const asked = mostAsked(stream, readers, 'texts').filter(({ column }) => names.has(column));
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
    const read: (Codes | null)[] = [];
    const codesOf = (k: number): Codes | null => (read[k] === undefined ? (columns[k].column?.codes ?? null) : read[k]);
    let count = 0;
    for (const masks of byWord) {
      const left = this.#allOf(events.count);
      for (const k of hardestFirst(masks)) {
        if (left.count === 0) break;
        read[k] = codesOf(k);
        keepWhere(left, read[k], masks[k].bits);
      }
      for (let i = 0; i < left.count; i++) {
        count += 1 - kept[left.rows[i]];
        kept[left.rows[i]] = 1;
      }
    }
    return count < kept.length ? kept : null;
  }

  /** In memory of before, where it is enough. */
  #allOf(count: number): Left {
    const left = this.#left;
    if (left.rows.length < count) {
      left.rows = new Int32Array(count);
      left.readers = new Int32Array(count);
    }
    left.count = count;
    left.isAll = true;
    return left;
  }

  /** By word of readers, by code: whose conditions on the column hold, or are none. */
  #masksOf({ conjuncts, named, other }: AskedColumn, texts: PackedTexts | null, words: number): Mask[] {
    const list = texts === null ? null : new TextList(texts);
    const places = list === null ? [] : named.map((text) => ({ text, place: list.placeOf(text) }));
    const found = places.filter(({ place }) => place >= 0);
    const count = list?.count ?? 0;
    const kinds = [
      { bits: this.#bitsOf(conjuncts, null, words), code: 0, times: 1 },
      { bits: this.#bitsOf(conjuncts, other, words), code: -1, times: count - found.length },
      ...found.map(({ text, place }) => ({ bits: this.#bitsOf(conjuncts, text, words), code: place + 1, times: 1 })),
    ].filter(({ times }) => times > 0);
    return Array.from({ length: words }, (_, word) => {
      const mask = { bits: new Int32Array(1 + count), any: 0, passing: 0 };
      for (const { bits, code, times } of kinds) {
        if (code === -1 && bits[word] !== 0) mask.bits.fill(bits[word]);
        mask.any |= bits[word];
        mask.passing += bits[word] === 0 ? 0 : times;
      }
      for (const { bits, code } of kinds) if (code !== -1) mask.bits[code] = bits[word];
      return mask;
    });
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
function canHold(masks: readonly Mask[]): boolean {
  return masks.reduce((left, { any }) => left & any, -1) !== 0;
}

/** The column of which the fewest texts fulfil a condition first: the next ones are asked of the rows that it leaves. */
function hardestFirst(masks: readonly Mask[]): number[] {
  const shares = masks.map(({ passing, bits }) => passing / bits.length);
  return [...masks.keys()].sort((a, b) => shares[a] - shares[b]);
}

/** @param codes null: NULL in every row */
function keepWhere(left: Left, codes: Codes | null, mask: Int32Array): void {
  const { rows, readers, count, isAll } = left;
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const row = isAll ? i : rows[i];
    const those = (isAll ? -1 : readers[i]) & mask[codes === null ? 0 : codes[row]];
    if (those === 0) continue;
    rows[kept] = row;
    readers[kept++] = those;
  }
  left.count = kept;
  left.isAll = false;
}

function askedOf(name: string, conjuncts: Asked['conjuncts']): AskedColumn {
  const values = new Set(conjuncts.flatMap(({ conjunct }) => conjunct.named ?? []));
  // Half a surrogate pair has no UTF-8, and no column has it: its bytes would be those of another text.
  const named = [...values].filter((value) => typeof value === 'string' && value.isWellFormed()) as string[];
  let k = 1;
  while (values.has(`text ${k}`)) k++;
  return { name, conjuncts, named, other: `text ${k}` };
}
