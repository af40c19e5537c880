import type { ScratchStore } from '../ports.ts';

const BLOCK_BYTES = 256 * 1024;
/** length u32, time, seq, entry, position f64, partition i32, id and tenant length u16, flags u8 */
const HEADER_BYTES = 4 + 4 * 8 + 4 + 2 + 2 + 1;

/** An event at rest: its place in the total order, and the record as it came, to be decoded again. */
export interface SpilledEvent {
  readonly time: number;
  readonly seq: number;
  readonly entry: number;
  readonly position: number;
  readonly partition: number;
  readonly flags: number;
  readonly id: Uint8Array;
  /** UTF-8 of tenant_id. */
  readonly tenant: Uint8Array;
  readonly bytes: Uint8Array;
}

interface Block {
  readonly offset: number;
  readonly length: number;
}

/**
 * Sorted runs in scratch space. The bytes of the record are kept and not its columns: dictionary ids do not outlive the
 * dictionary's sweeps, and without them memory stays bounded however many different texts a file holds.
 */
export class SpilledRuns {
  readonly #scratch: ScratchStore;
  readonly #runs: Block[][] = [];
  #block = new Uint8Array(BLOCK_BYTES);
  #used = 0;
  /** Events written. */
  count = 0;

  constructor(scratch: ScratchStore) {
    this.#scratch = scratch;
  }

  beginRun(): void {
    this.#runs.push([]);
  }

  /** Adds the run's next event, in total order. */
  write(event: SpilledEvent): void {
    const { id, tenant, bytes } = event;
    const length = HEADER_BYTES + id.length + tenant.length + bytes.length;
    if (this.#used + length > this.#block.length) this.#flush();
    if (length > this.#block.length) this.#block = new Uint8Array(length);
    const start = this.#used;
    const view = new DataView(this.#block.buffer, start, HEADER_BYTES);
    view.setUint32(0, length);
    view.setFloat64(4, event.time);
    view.setFloat64(12, event.seq);
    view.setFloat64(20, event.entry);
    view.setFloat64(28, event.position);
    view.setInt32(36, event.partition);
    view.setUint16(40, id.length);
    view.setUint16(42, tenant.length);
    view.setUint8(44, event.flags);
    this.#block.set(id, start + HEADER_BYTES);
    this.#block.set(tenant, start + HEADER_BYTES + id.length);
    this.#block.set(bytes, start + HEADER_BYTES + id.length + tenant.length);
    this.#used += length;
    this.count++;
  }

  endRun(): void {
    this.#flush();
  }

  #flush(): void {
    if (this.#used === 0) return;
    const offset = this.#scratch.append(this.#block.subarray(0, this.#used));
    this.#runs[this.#runs.length - 1].push({ offset, length: this.#used });
    this.#used = 0;
  }

  /** All events of all runs in total order. */
  *merge(): Generator<SpilledEvent> {
    const heap = this.#runs.map((blocks) => this.#events(blocks)).flatMap(headOf);
    for (let i = (heap.length >> 1) - 1; i >= 0; i--) sink(heap, i);
    while (heap.length > 0) {
      yield heap[0].event;
      const next = heap[0].rest.next();
      if (next.done) {
        const last = heap.pop() as Head;
        if (heap.length === 0) return;
        heap[0] = last;
      } else heap[0].event = next.value;
      sink(heap, 0);
    }
  }

  *#events(blocks: readonly Block[]): Generator<SpilledEvent> {
    for (const { offset, length } of blocks) {
      const block = this.#scratch.read(offset, length).slice();
      for (let start = 0; start < length; ) {
        const event = eventAt(block, start);
        start += HEADER_BYTES + event.id.length + event.tenant.length + event.bytes.length;
        yield event;
      }
    }
  }
}

interface Head {
  event: SpilledEvent;
  readonly rest: Generator<SpilledEvent>;
}

function headOf(rest: Generator<SpilledEvent>): Head[] {
  const first = rest.next();
  return first.done ? [] : [{ event: first.value, rest }];
}

function eventAt(block: Uint8Array, start: number): SpilledEvent {
  const view = new DataView(block.buffer, block.byteOffset + start, HEADER_BYTES);
  const id = start + HEADER_BYTES;
  const tenant = id + view.getUint16(40);
  const bytes = tenant + view.getUint16(42);
  return {
    time: view.getFloat64(4),
    seq: view.getFloat64(12),
    entry: view.getFloat64(20),
    position: view.getFloat64(28),
    partition: view.getInt32(36),
    flags: view.getUint8(44),
    id: block.subarray(id, tenant),
    tenant: block.subarray(tenant, bytes),
    bytes: block.subarray(bytes, start + view.getUint32(0)),
  };
}

/** The total order (S2); EventRows.compare says the same over columns. */
function compareEvents(a: SpilledEvent, b: SpilledEvent): number {
  return (
    a.time - b.time ||
    a.seq - b.seq ||
    compareBytes(a.id, b.id) ||
    compareBytes(a.tenant, b.tenant) ||
    a.entry - b.entry
  );
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}

/** Moves heap[at] down to its place: the least event stands at 0. */
function sink(heap: Head[], at: number): void {
  for (let parent = at; ; ) {
    let least = parent;
    for (let child = 2 * parent + 1; child <= 2 * parent + 2 && child < heap.length; child++) {
      if (compareEvents(heap[child].event, heap[least].event) < 0) least = child;
    }
    if (least === parent) return;
    [heap[parent], heap[least]] = [heap[least], heap[parent]];
    parent = least;
  }
}
