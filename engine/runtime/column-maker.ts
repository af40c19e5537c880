import { Dictionary } from '../decode/dictionary.ts';
import { OpenTexts } from '../decode/open-texts.ts';
import { ScanningDecoder } from '../decode/scanning-decoder.ts';
import { BoundedDoor, type PassedRecords } from '../door/bounded-door.ts';
import type { EventSchema } from '../event-schema.ts';
import type { SourceRecord } from '../ports.ts';
import type { Program, StreamSettings } from '../program.ts';
import type { Verdict } from '../verdict.ts';
import { storedFields } from './column-sources.ts';
import { OpenMaker } from './open-maker.ts';
import { packTexts } from './packed-texts.ts';
import {
  type CodedTexts,
  type OpenPart,
  type PackedIds,
  type StoredColumn,
  type StoredNumber,
  type StoredOpen,
  storedNumbers,
} from './stored-events.ts';

/** A stretch of history as columns, before it is written somewhere; see ColumnSegment. */
export interface MadeColumns {
  readonly counters: PassedRecords;
  readonly partitions: readonly string[];
  readonly count: number;
  readonly numbers: Readonly<Record<StoredNumber, Float64Array>>;
  readonly ids: PackedIds;
  readonly tenant: CodedTexts;
  readonly columns: ReadonlyMap<string, StoredColumn | null>;
  readonly open: Readonly<Record<OpenPart, StoredOpen | null>>;
}

/** No verdict is judged here, so none of these can show. */
const settings: StreamSettings = { lateness_ms: 0, idle_ms: 0, max_ahead_ms: 0, dedup_horizon_ms: 0 };

/**
 * Makes columns of records that have stored verdicts: goes through the door of a bounded source, as a backtest of them does,
 * with every field of the schema as a column. A stretch that holds an event without an id of its own, or one that was taken
 * and could not be read now, is not made into columns: there a backtest counts or tells what only the record says (S4).
 */
export class ColumnMaker {
  readonly #dictionary = new Dictionary();
  readonly #door: BoundedDoor;
  readonly #program: Program;
  readonly #open: OpenTexts;
  readonly #details = new OpenMaker();
  readonly #extras = new OpenMaker();
  #letters = 0;

  constructor(schema: EventSchema) {
    const columns = storedFields(schema);
    this.#open = new OpenTexts(schema);
    this.#program = { settings, schema, streams: [{ name: 'events', columns }], operators: [], hash: '' };
    const decoder = new ScanningDecoder(schema, columns, this.#dictionary);
    const listener = { on_verdict: () => undefined, on_letter: () => this.#letters++ };
    const history = { include_late: false, judged_to_ms: Number.POSITIVE_INFINITY };
    this.#door = new BoundedDoor(this.#program, decoder, this.#dictionary, history, listener);
  }

  /** The next record, in the order of the log. */
  add(record: SourceRecord, stored: Verdict): void {
    // Slots are given in turn: none is free before all were added.
    if (this.#door.add(record, stored) === -1) return;
    this.#open.read(record.bytes);
    this.#details.add(this.#open.details);
    this.#extras.add(this.#open.extras);
  }

  /** null: these records have to be read themselves. */
  finish(): MadeColumns | null {
    const door = this.#door;
    if (door.given_ids > 0 || this.#letters > 0) return null;
    const count = door.rows.count;
    const slots = new Int32Array(count);
    for (let row = 0; row < count; row++) slots[row] = door.nextSorted();
    const { rows } = door;
    const { read, duplicate, late, rejected } = door.counters;
    const take = (column: Float64Array | Int32Array) => taken(column, slots);
    const names = this.#program.streams[0].columns.map(({ name }) => name);
    const columns = names.map((name, c) => {
      const column = rows.columns[c];
      return [name, column instanceof Int32Array ? this.#coded(column, slots) : numbersOf(take(column))] as const;
    });
    const numbers = Object.fromEntries(storedNumbers.map((name) => [name, take(rows[name])]));
    return {
      ...{ counters: { read, accepted: count, duplicate, late, rejected }, partitions: door.partitions, count },
      numbers: numbers as MadeColumns['numbers'],
      ids: this.#ids(slots),
      tenant: this.#coded(rows.tenant, slots) ?? noTexts,
      columns: new Map(columns),
      open: { details: this.#details.finish(slots), extras: this.#extras.finish(slots) },
    };
  }

  #ids(slots: Int32Array): PackedIds {
    const { rows } = this.#door;
    const ends = new Float64Array(slots.length);
    let end = 0;
    for (let row = 0; row < slots.length; row++) {
      end += rows.idLength[slots[row]];
      ends[row] = end;
    }
    const bytes = new Uint8Array(end);
    for (let row = 0; row < slots.length; row++) {
      const id = rows.idOf(slots[row]);
      bytes.set(id, ends[row] - id.length);
    }
    return { bytes, ends };
  }

  /** null: NULL everywhere. */
  #coded(column: Int32Array, slots: Int32Array): CodedTexts | null {
    const codeOf = new Int32Array(this.#dictionary.capacity);
    const texts: string[] = [];
    const codes = new Int32Array(slots.length);
    for (let row = 0; row < slots.length; row++) {
      const id = column[slots[row]];
      if (id === 0) continue;
      if (codeOf[id] === 0) codeOf[id] = texts.push(this.#dictionary.textOf(id));
      codes[row] = codeOf[id];
    }
    if (texts.length === 0) return null;
    const Codes = texts.length < 256 ? Uint8Array : texts.length < 65_536 ? Uint16Array : Int32Array;
    return { texts: packTexts(texts), codes: Codes.from(codes) };
  }
}

const noTexts: CodedTexts = { texts: packTexts([]), codes: new Uint8Array(0) };

function taken(column: Float64Array | Int32Array, slots: Int32Array): Float64Array {
  const values = new Float64Array(slots.length);
  for (let row = 0; row < slots.length; row++) values[row] = column[slots[row]];
  return values;
}

function numbersOf(column: Float64Array): Float64Array | null {
  return column.every(Number.isNaN) ? null : column;
}
