import { createHash } from 'node:crypto';
import type { RecordFile, StoredRecord } from './record-file.ts';

/** Records that are known by their id: 28 bytes each. Of more the older half is forgotten, and searched in the file. */
const most_records = 1_000_000;
const hexadecimal = /^[0-9a-f]{16}/;
/** Detection records begin so; others are read as JSON. */
const beginning = /^\{"schema_version":"v1","id":"([\w.-]+)"/;

/**
 * Where the records of each id stand in a file that only grows. It reads the file once, then what came since, when it is
 * asked. Ids are kept as 64 bits of themselves (Weir's are hashes): a reader looks at the record.
 */
export class AlertIndex {
  readonly #file: RecordFile;
  readonly #most: number;
  #offsets = new Float64Array(1024);
  #high = new Int32Array(1024);
  #low = new Int32Array(1024);
  /** The record of the same id before it, as a place in these arrays; -1: none that is known. */
  #before = new Int32Array(1024);
  #count = 0;
  /** Open addressing over the ids: the last record of each, -1 where nothing is. */
  #slots = new Int32Array(2048).fill(-1);
  #ids = 0;
  #through = 0;
  #reading: Promise<void> | null = null;
  /** All records from this offset on are known. */
  from = 0;

  constructor(file: RecordFile, most: number = most_records) {
    this.#file = file;
    this.#most = most;
  }

  get bytes(): number {
    return this.#offsets.length * 20 + this.#slots.length * 4;
  }

  /** Reads what the file has and the index has not. Callers that come meanwhile wait for the same reading. */
  async refresh(): Promise<void> {
    const { size } = this.#file;
    while (this.#through < size || this.#through > this.#file.size) {
      this.#reading ??= this.#read().finally(() => {
        this.#reading = null;
      });
      await this.#reading;
    }
  }

  async #read(): Promise<void> {
    const { size } = this.#file;
    if (this.#through > size) this.#clear();
    while (this.#through < size) {
      const records = await this.#file.forward(this.#through);
      if (records.length === 0) throw new Error(`${this.#file.path} ends before byte ${size}`);
      for (const record of records) this.#add(record);
      this.#through = records[records.length - 1].end;
    }
  }

  /** Offset of the last record of an id that begins before `end`; -1: none is known. */
  lastBefore(id: string, end: number): number {
    for (let at = this.#find(id); at !== -1; at = this.#before[at]) {
      if (this.#offsets[at] < end) return this.#offsets[at];
    }
    return -1;
  }

  /** Offsets of the known records of an id, the last first. */
  *offsetsOf(id: string): Generator<number> {
    for (let at = this.#find(id); at !== -1; at = this.#before[at]) yield this.#offsets[at];
  }

  #add(record: StoredRecord): void {
    const id = idOf(record);
    if (id === null) return;
    if (this.#count === this.#most) this.#forgetHalf();
    if (this.#count === this.#offsets.length) this.#grow(this.#count * 2);
    this.#put(record.start, ...keyOf(id));
  }

  #put(offset: number, high: number, low: number): void {
    const at = this.#count++;
    this.#offsets[at] = offset;
    this.#high[at] = high;
    this.#low[at] = low;
    const slot = this.#slotOf(high, low);
    this.#before[at] = this.#slots[slot];
    if (this.#slots[slot] === -1) this.#ids++;
    this.#slots[slot] = at;
    if (this.#ids * 2 > this.#slots.length) this.#rehash(this.#slots.length * 2);
  }

  #find(id: string): number {
    return this.#slots[this.#slotOf(...keyOf(id))];
  }

  /** The slot of a key, or the empty one where it would be. */
  #slotOf(high: number, low: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = (high ^ low) & mask; ; slot = (slot + 1) & mask) {
      const at = this.#slots[slot];
      if (at === -1 || (this.#high[at] === high && this.#low[at] === low)) return slot;
    }
  }

  #grow(length: number): void {
    const [offsets, high, low, before] = [this.#offsets, this.#high, this.#low, this.#before];
    this.#offsets = new Float64Array(length);
    this.#high = new Int32Array(length);
    this.#low = new Int32Array(length);
    this.#before = new Int32Array(length);
    this.#offsets.set(offsets);
    this.#high.set(high);
    this.#low.set(low);
    this.#before.set(before);
  }

  #rehash(length: number): void {
    const last = this.#slots.filter((at) => at !== -1);
    this.#slots = new Int32Array(length).fill(-1);
    for (const at of last) this.#slots[this.#slotOf(this.#high[at], this.#low[at])] = at;
  }

  #forgetHalf(): void {
    const first = this.#count - Math.floor(this.#most / 2);
    const [offsets, high, low] = [this.#offsets, this.#high, this.#low];
    const count = this.#count;
    this.#clear();
    this.#grow(offsets.length);
    for (let i = first; i < count; i++) this.#put(offsets[i], high[i], low[i]);
    this.from = offsets[first];
  }

  #clear(): void {
    this.#count = 0;
    this.#ids = 0;
    this.#through = 0;
    this.from = 0;
    this.#slots = new Int32Array(2048).fill(-1);
  }
}

/** The id of a record; null: it has none. */
export function idOf(record: StoredRecord): string | null {
  const [, id] = beginning.exec(record.line.toString('latin1', 0, 120)) ?? [];
  if (id !== undefined) return id;
  const read = record.value?.id;
  return typeof read === 'string' ? read : null;
}

function keyOf(id: string): [high: number, low: number] {
  const digits = hexadecimal.test(id) ? id : createHash('sha256').update(id).digest('hex');
  return [Number.parseInt(digits.slice(0, 8), 16) | 0, Number.parseInt(digits.slice(8, 16), 16) | 0];
}
