import type { Dictionary } from '../decode/dictionary.ts';
import type { BoundedDoor, PassedRecords, StoredRow } from '../door/bounded-door.ts';
import type { Guard } from '../route/guard.ts';
import type { ColumnSource } from './column-sources.ts';

/** Texts of a column: 0 is NULL, k is texts[k - 1]. */
export interface CodedTexts {
  readonly texts: readonly string[];
  readonly codes: Uint8Array | Uint16Array | Int32Array;
}

/** Accepted events of a stretch of history in total order (S2), as columns: row i of each is one event. */
export interface StoredEvents {
  readonly count: number;
  readonly time: Float64Array;
  /** With what S2 gives where the producer did not. */
  readonly seq: Float64Array;
  readonly tenant: CodedTexts;
  /** UTF-8 bytes of the ids one behind the other, and where each ends. */
  readonly ids: Uint8Array;
  readonly id_ends: Float64Array;
  /** Index into ColumnSegment.partitions, and the position there. */
  readonly partition: Float64Array;
  readonly position: Float64Array;
  /** Number of the record among those of the stretch. */
  readonly entry: Float64Array;
  /** By names of ColumnSegment.load(); null: NULL in every row. NaN is NULL of a number. */
  readonly columns: ReadonlyMap<string, CodedTexts | Float64Array | null>;
}

/** A stretch of history of which every record has its stored verdict, and every event an id of its own. */
export interface ColumnSegment {
  readonly counters: PassedRecords;
  /** Of its records, in the order in which they came. */
  readonly partitions: readonly string[];
  /** Of its accepted events; +Infinity where there is none. */
  readonly earliest_ms: number;
  /** Reads the accepted events with these columns: names of fields of the schema. */
  load(columns: readonly string[]): StoredEvents;
}

/** A text column of an open stretch: its texts as they are asked for. */
class TextColumn {
  readonly #column: CodedTexts;
  readonly #dictionary: Dictionary;
  /** By code, the id in this run; 0: not looked up. */
  readonly #ids: Int32Array;

  constructor(column: CodedTexts, dictionary: Dictionary) {
    this.#column = column;
    this.#dictionary = dictionary;
    this.#ids = new Int32Array(column.texts.length + 1);
  }

  idOf(row: number): number {
    const code = this.#column.codes[row];
    if (code !== 0 && this.#ids[code] === 0) this.#ids[code] = this.#dictionary.idOf(this.#column.texts[code - 1]);
    return this.#ids[code];
  }

  forget(used: Uint8Array): void {
    const ids = this.#ids;
    for (let code = 1; code < ids.length; code++) if (used[ids[code]] === 0) ids[code] = 0;
  }
}

/** An open stretch. */
interface Opened {
  readonly events: StoredEvents;
  readonly tenant: TextColumn;
  /** Numbers of the run's partitions. */
  readonly partitions: Int32Array;
  /** What each source is read from; null: from the event itself, or NULL everywhere. */
  readonly stored: readonly (TextColumn | Float64Array | null)[];
}

/** Gives the rows of one stretch to the door, one after the other. Texts become ids when a row has them that is read. */
export class ColumnRows {
  readonly #segment: ColumnSegment;
  readonly #target: ColumnTarget;
  readonly #sources: readonly ColumnSource[];
  readonly #first_entry: number;
  /** Places of sources that the guard may leave out, and of the others. */
  readonly #dispensable: readonly number[];
  readonly #always: readonly number[];
  readonly #event: StoredRow;
  #opened: Opened | null = null;
  #row = 0;
  #idEnd = 0;

  /** @param first_entry number of its first record among those of the run */
  constructor(segment: ColumnSegment, first_entry: number, sources: readonly ColumnSource[], target: ColumnTarget) {
    this.#segment = segment;
    this.#first_entry = first_entry;
    this.#sources = sources;
    this.#target = target;
    const dispensable = new Set(target.guard?.dispensable);
    const places = sources.map((_, place) => place);
    this.#dispensable = places.filter((place) => dispensable.has(sources[place].column));
    this.#always = places.filter((place) => !dispensable.has(sources[place].column));
    this.#event = { ...emptyEvent(), values: new Float64Array(1 + Math.max(-1, ...sources.map((one) => one.column))) };
  }

  get earliest_ms(): number {
    return this.#segment.earliest_ms;
  }

  /** @param until_ms values of events from this time on are not asked for */
  open(until_ms: number): void {
    const { door, dictionary } = this.#target;
    const isRead = this.#segment.earliest_ms < until_ms;
    const wanted = isRead ? this.#sources.filter(({ from }) => from === 'stored') : [];
    const events = this.#segment.load([...new Set(wanted.map(({ name }) => name))]);
    const stored = this.#sources.map(({ from, name }) => {
      const column = from === 'stored' ? (events.columns.get(name) ?? null) : null;
      return column === null || column instanceof Float64Array ? column : new TextColumn(column, dictionary);
    });
    const partitions = Int32Array.from(this.#segment.partitions, (name) => door.partitionNumber(name));
    this.#opened = { events, tenant: new TextColumn(events.tenant, dictionary), partitions, stored };
  }

  /** Texts that the dictionary may take back are looked up again. */
  forget(used: Uint8Array): void {
    if (this.#opened === null) return;
    this.#opened.tenant.forget(used);
    for (const column of this.#opened.stored) if (column instanceof TextColumn) column.forget(used);
  }

  /** HOT. The slot of the next row, or -1. */
  next(): number {
    const opened = this.#opened;
    if (opened === null) throw new Error('columns give their rows once they are open, and until there are none');
    const { events } = opened;
    const row = this.#row++;
    if (row === events.count) {
      this.#opened = null;
      return -1;
    }
    const event = this.#event;
    event.timestamp = events.time[row];
    event.seq = events.seq[row];
    event.id = events.ids.subarray(this.#idEnd, events.id_ends[row]);
    this.#idEnd = events.id_ends[row];
    event.tenant = opened.tenant.idOf(row);
    event.partition = opened.partitions[events.partition[row]];
    event.position = events.position[row];
    event.entry = this.#first_entry + events.entry[row];
    this.#readAll(this.#always, opened, row);
    const { guard } = this.#target;
    if (guard === null || guard.isRead(event.values)) this.#readAll(this.#dispensable, opened, row);
    else for (const place of this.#dispensable) event.values[this.#sources[place].column] = 0;
    return this.#target.door.keepStored(event);
  }

  #readAll(places: readonly number[], { stored }: Opened, row: number): void {
    const { values } = this.#event;
    for (let k = 0; k < places.length; k++) {
      const source = this.#sources[places[k]];
      const column = stored[places[k]];
      if (column instanceof TextColumn) values[source.column] = column.idOf(row);
      else values[source.column] = column === null ? this.#valueOf(source) : column[row];
    }
  }

  /** What every event has, or NULL. */
  #valueOf({ from, missing }: ColumnSource): number {
    const event = this.#event;
    if (from === 'timestamp') return event.timestamp;
    if (from === 'tenant_id') return event.tenant;
    return missing;
  }
}

/** Where rows go. */
export interface ColumnTarget {
  readonly door: BoundedDoor;
  readonly dictionary: Dictionary;
  readonly guard: Guard | null;
}

function emptyEvent(): Omit<StoredRow, 'values'> {
  const contentHash = (): string => {
    throw new Error('an event of stored columns has an id of its own');
  };
  const place = { partition: 0, position: 0, entry: 0 };
  return { timestamp: 0, seq: 0, id: new Uint8Array(0), tenant: 0, contentHash, ...place };
}
