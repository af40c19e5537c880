import type { Decoder } from '../decode/decoder.ts';
import type { BoundedDoor } from '../door/bounded-door.ts';
import type { Texts } from '../door/event-rows.ts';
import type { ScratchStore, SourceRecord } from '../ports.ts';
import type { Verdict } from '../verdict.ts';
import { MemoryScratch } from './memory-scratch.ts';
import { type SpilledEvent, SpilledRuns } from './spilled-runs.ts';

export interface SortedSourceLimits {
  readonly scratch: ScratchStore | null;
  readonly rows: number;
  readonly bytes: number;
}

const utf8 = new TextEncoder();

/**
 * The events of a bounded source in total order: in memory where they fit, else as sorted parts in scratch space that
 * are merged. A spilled event is decoded a second time when its turn comes: that is the price of a larger file.
 */
export class SortedSource {
  readonly #door: BoundedDoor;
  readonly #decoder: Decoder;
  readonly #texts: Texts;
  readonly #limits: SortedSourceLimits;
  readonly #spilled: SpilledRuns | null;
  /** The records of the rows in memory, only where they may have to be spilled: by slot. */
  readonly #records = new MemoryScratch();
  #recordAt = new Float64Array(1024);
  #recordLength = new Int32Array(1024);
  #merged: Generator<SpilledEvent> | null = null;

  constructor(door: BoundedDoor, decoder: Decoder, texts: Texts, limits: SortedSourceLimits) {
    this.#door = door;
    this.#decoder = decoder;
    this.#texts = texts;
    this.#limits = limits;
    this.#spilled = limits.scratch === null ? null : new SpilledRuns(limits.scratch);
  }

  get spilled_events(): number {
    return this.#spilled?.count ?? 0;
  }

  add(record: SourceRecord, stored?: Verdict): void {
    const slot = this.#door.add(record, stored);
    if (slot === -1 || this.#spilled === null) return;
    this.#remember(slot, record.bytes);
    if (this.#door.rows.count >= this.#limits.rows || this.#records.size >= this.#limits.bytes) {
      this.#spill(this.#spilled);
    }
  }

  #remember(slot: number, bytes: Uint8Array): void {
    if (slot >= this.#recordAt.length) {
      const recordAt = new Float64Array(slot * 2);
      recordAt.set(this.#recordAt);
      this.#recordAt = recordAt;
      const recordLength = new Int32Array(slot * 2);
      recordLength.set(this.#recordLength);
      this.#recordLength = recordLength;
    }
    this.#recordAt[slot] = this.#records.append(bytes);
    this.#recordLength[slot] = bytes.length;
  }

  #spill(spilled: SpilledRuns): void {
    const { rows } = this.#door;
    spilled.beginRun();
    for (let slot = this.#door.nextSorted(); slot !== -1; slot = this.#door.nextSorted()) {
      spilled.write({
        time: rows.time[slot],
        seq: rows.seq[slot],
        entry: rows.entry[slot],
        position: rows.position[slot],
        partition: rows.partition[slot],
        flags: rows.flags[slot],
        id: rows.idOf(slot),
        tenant: utf8.encode(this.#texts.textOf(rows.tenant[slot])),
        bytes: this.#records.read(this.#recordAt[slot], this.#recordLength[slot]),
      });
      rows.free(slot);
    }
    spilled.endRun();
    this.#records.clear();
    this.#door.beginAnew();
  }

  /** Everything has been read. */
  sort(): void {
    if (this.#spilled === null || this.#spilled.count === 0) return;
    this.#spill(this.#spilled);
    this.#merged = this.#spilled.merge();
  }

  /** The slot of the next event in total order, or -1; the caller judges and frees it before the next call. */
  next(): number {
    if (this.#merged === null) return this.#door.nextSorted();
    const next = this.#merged.next();
    if (next.done) return -1;
    const rejection = this.#decoder.decode(next.value.bytes);
    if (rejection !== null) throw new Error(`scratch space gave back another record: ${rejection.message}`);
    return this.#door.keepAgain(this.#decoder.event, next.value);
  }
}
