import type { StoreClasses } from '../fold/store-classes.ts';
import { KEY_COUNT, KEY_MARKS } from '../state/key-table.ts';
import { SEGMENT_BITS, SEGMENT_MASK } from '../state/records.ts';
import { DUE_BYTES, DueQueue } from './due-queue.ts';
import { startWalk, type TimedWindow, type WindowParts } from './timed-window.ts';

/** Ints of a key's marks that hold three doubles. */
export const COLD_MARKS = 6;
/** A cold key with more rows is not read to find out when it goes, again and again: it wakes. */
const MOST_READ = 64;

/** When it is due; NaN: no patient operator remembers a row of it as cold. */
const DUE = 0;
/** When each row was the last one, and its operators' first: the latest time at which one of them forgets it. */
const END = 1;
/** Time of the first of these rows. */
const SINCE = 2;

/**
 * HOT. Keys with fewer rows than any patient operator needs (TimedWindow.isPatient): cold ones. Most keys are, for all of
 * their life. All patient operators together have one due time of such a key, when the last of them forgets it; what they
 * would remember stands in the key's rows, and is read from these when the key has as many as one of them needs. Nothing
 * is found at a cold key's due time, so keys go in no order, beside the states.
 */
export class ColdKeys {
  /** A key with so many rows is awake. Infinity: no operator is patient, and no key is cold. */
  readonly least: number;
  /** Whether one of them asks for timestamps of rows, as a session is named by one. */
  readonly asksStamps: boolean;
  /** Of the last read(): operators with rows, in no order, and how many they are. */
  readonly found: Int32Array;
  count = 0;
  /** Of the last next(): the key has too many rows to be asked when it goes. */
  isLong = false;
  readonly #parts: WindowParts;
  readonly #windows: readonly TimedWindow[];
  readonly #classes: StoreClasses;
  /** Double of a key's record at which its marks begin. */
  readonly #marks: number;
  /** What END says is so where rows lie within this time. */
  readonly #within_ms: number;
  readonly #queue: DueQueue;
  /** By operator that was found: its rows since it last remembered nothing, and when it would forget those. */
  readonly #first: Float64Array;
  readonly #last: Float64Array;
  readonly #rows: Int32Array;
  readonly #end: Float64Array;
  /** Where some of these began also rests on the rows before (MAX of a session): those must not go. */
  #isLinked = false;

  /** `windows`: by operator. */
  constructor(parts: WindowParts, windows: readonly TimedWindow[], classes: StoreClasses) {
    this.#parts = parts;
    this.#windows = windows;
    this.#classes = classes;
    const { records, ints } = parts.keys;
    this.#marks = (ints + KEY_MARKS) >> 1;
    this.#queue = new DueQueue(records, this.#marks + DUE);
    this.#within_ms = Math.min(...windows.map((window) => (window.isPatient ? window.within_ms : Infinity)));
    const needs = parts.operators.map(({ bounds }, local) => (windows[local].isPatient ? bounds.least_rows : Infinity));
    this.least = Math.min(...needs);
    this.asksStamps = windows.some((one, k) => one.isPatient && parts.operators[k].spec.window?.kind === 'session');
    this.found = new Int32Array(windows.length);
    this.#first = new Float64Array(windows.length);
    this.#last = new Float64Array(windows.length);
    this.#rows = new Int32Array(windows.length);
    this.#end = new Float64Array(windows.length).fill(Number.NEGATIVE_INFINITY);
  }

  #get(key: number, field: number): number {
    const { records } = this.#parts.keys;
    return records.doubles[key >> SEGMENT_BITS][(key & SEGMENT_MASK) * records.stride + this.#marks + field];
  }

  #set(key: number, field: number, value: number): void {
    const { records } = this.#parts.keys;
    records.own(key >> SEGMENT_BITS);
    records.doubles[key >> SEGMENT_BITS][(key & SEGMENT_MASK) * records.stride + this.#marks + field] = value;
  }

  /** Whether a patient operator may remember rows of the key as a cold one. */
  isHeld(key: number): boolean {
    return !Number.isNaN(this.#get(key, DUE));
  }

  /** A row of this time came to a cold key, for some operators. */
  hold(key: number, time: number, passing: Int32Array, count: number): void {
    let end = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < count; k++) {
      const window = this.#windows[passing[k]];
      if (window.isPatient) end = Math.max(end, window.endsAt(time, time));
    }
    if (end === Number.NEGATIVE_INFINITY) return;
    if (this.isHeld(key)) {
      if (end > this.#get(key, END)) this.#set(key, END, end);
      return;
    }
    this.#set(key, END, end);
    this.#set(key, SINCE, time);
    this.#schedule(key, end);
  }

  #schedule(key: number, due: number): void {
    this.#set(key, DUE, due);
    this.#queue.add(key, due);
  }

  /** The key is cold no more, or is a new one, or gone. */
  release(key: number): void {
    this.#set(key, DUE, Number.NaN);
    this.#queue.settle();
  }

  /** When some key is due; Infinity: none is. */
  get firstDue(): number {
    return this.#queue.first_due;
  }

  /**
   * The key that is due first, released, if patient operators have forgotten it by then; -1: it is due later now. Where only
   * its rows can say, and they are many, they would be read at each of its due times: then it is given as it is, and `isLong`.
   */
  next(): number {
    const key = this.#queue.first;
    const due = this.#queue.first_due;
    const isNear = due - this.#get(key, SINCE) <= this.#within_ms;
    this.isLong = !isNear && this.#parts.keys.get(key, KEY_COUNT) > MOST_READ;
    if (this.isLong) return key;
    const end = isNear ? this.#get(key, END) : this.#lastEnd(key);
    if (end > due) this.#schedule(key, end);
    else this.release(key);
    return end > due ? -1 : key;
  }

  #lastEnd(key: number): number {
    this.read(key, 0);
    let end = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < this.count; k++) end = Math.max(end, this.#end[this.found[k]]);
    return end;
  }

  /** What patient operators would remember by the key's rows, the newest `leftOut` of them left out. */
  read(key: number, leftOut: number): void {
    const { keys, walk, window } = this.#parts;
    for (let k = 0; k < this.count; k++) this.#end[this.found[k]] = Number.NEGATIVE_INFINITY;
    this.count = 0;
    this.#isLinked = false;
    startWalk(this.#parts, key);
    const rows = keys.get(key, KEY_COUNT);
    while (walk.loaded < rows) walk.load();
    for (let k = rows - 1; k >= leftOut; k--) {
      const members = this.#classes.members[walk.classes[k]];
      for (let n = 0; n < members.length; n++) {
        const local = members[n];
        if (this.#windows[local].isPatient && window.passes(walk.rows[k], local)) this.#add(local, walk.times[k]);
      }
    }
  }

  #add(local: number, time: number): void {
    const window = this.#windows[local];
    const end = this.#end[local];
    if (end - 1 < time) {
      if (end === Number.NEGATIVE_INFINITY) this.found[this.count++] = local;
      else if (window.endsAt(this.#last[local], this.#last[local]) - 1 >= time) this.#isLinked = true;
      this.#first[local] = time;
      this.#rows[local] = 0;
    }
    this.#last[local] = time;
    this.#rows[local]++;
    this.#end[local] = window.endsAt(this.#first[local], time);
  }

  /** By the last read(): whether the operator, which was found, remembers something at `time`. */
  isKept(local: number, time: number): boolean {
    return this.#end[local] - 1 >= time;
  }

  /** Gives the state, which is new, what the operator would remember at `time` by the last read(). */
  wake(local: number, state: number, time: number): void {
    this.#windows[local].wake(state, this.#first[local], this.#last[local], this.#rows[local], time);
  }

  /** By the last read(): whether the rows say the same when the oldest have gone that no operator asks for. */
  get isFree(): boolean {
    return !this.#isLinked;
  }

  /** By the last read(): the earliest time of rows that patient operators may still ask for at `time`. */
  keepFrom(time: number): number {
    let from = time;
    for (let k = 0; k < this.count; k++) {
      const local = this.found[k];
      if (this.isKept(local, time)) from = Math.min(from, this.#windows[local].keepsFrom(this.#first[local], time));
    }
    return from;
  }

  /** Beside its record: its entry in the queue, at most. */
  get bytes_per_key(): number {
    return DUE_BYTES;
  }

  get allocated_bytes(): number {
    return this.#queue.allocated_bytes;
  }

  /** The keys, with their due times, were restored. */
  restore(): void {
    this.#queue.rebuild();
  }
}
