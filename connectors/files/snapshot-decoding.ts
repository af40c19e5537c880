import type { Snapshot } from '../../engine/index.ts';
import {
  checkByteOrder,
  FIRST_BEHIND_TAG,
  FIRST_TYPED_TAG,
  MAX_DEPTH,
  type TypedArray,
  tags,
  typedArrays,
} from './snapshot-encoding.ts';

/** Small things are read through a window of this size; arrays that do not fit into it are filled themselves. */
const WINDOW_BYTES = 256 * 1024;

/** Asks for the next bytes: who goes on with it has filled the array that it gave. */
type Reading<T> = Generator<Uint8Array, T, void>;

/** Reads a tree of which `length` bytes are to come, each of them once and in order: a checkpoint is never in memory twice. */
class SnapshotReader {
  readonly #length: number;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #window: Uint8Array;
  #view: DataView;
  /** Of the window: what is read next, and where what was filled ends. */
  #at = 0;
  #end = 0;
  /** Bytes that were asked for. */
  #asked = 0;
  /** Arrays whose bytes stand behind the tree, and how many bytes those are. */
  readonly #behind: Uint8Array[] = [];
  #behind_bytes = 0;

  constructor(length: number, window_bytes: number) {
    this.#length = length;
    this.#window = new Uint8Array(Math.min(length, window_bytes));
    this.#view = new DataView(this.#window.buffer);
  }

  /** Bytes that were not read yet and of which nothing is known. */
  get left(): number {
    return this.#length - this.#asked + this.#end - this.#at - this.#behind_bytes;
  }

  #check(length: number): void {
    if (length > this.left) throw new Error(`the snapshot ends at byte ${this.#length} too early`);
  }

  /** So many bytes stand in the window, which is as large; where they begin. */
  *#take(length: number): Reading<number> {
    this.#check(length);
    if (this.#end - this.#at < length) {
      this.#window.copyWithin(0, this.#at, this.#end);
      this.#end -= this.#at;
      this.#at = 0;
      const room = this.#window.subarray(this.#end, this.#end + this.#length - this.#asked);
      yield room;
      this.#end += room.length;
      this.#asked += room.length;
    }
    this.#at += length;
    return this.#at - length;
  }

  /** Fills an array with the next bytes, what the window has of them first. */
  *#fill(into: Uint8Array): Reading<void> {
    const rest = this.#fillKnown(into);
    if (rest.length === 0) return;
    yield rest;
    this.#asked += rest.length;
  }

  /** Fills an array with what the window has of the next bytes; what is then left of it to fill. */
  #fillKnown(into: Uint8Array): Uint8Array {
    const known = Math.min(into.length, this.#end - this.#at);
    into.set(this.#window.subarray(this.#at, this.#at + known));
    this.#at += known;
    return into.subarray(known);
  }

  /** Behind the tree: what is left to fill of the arrays whose bytes stand there. */
  takeBehind(): Uint8Array[] {
    return this.#behind.map((bytes) => this.#fillKnown(bytes)).filter(({ length }) => length > 0);
  }

  *#count(): Reading<number> {
    return this.#view.getUint32(yield* this.#take(4), true);
  }

  *#number(): Reading<number> {
    return this.#view.getFloat64(yield* this.#take(8), true);
  }

  *#text(): Reading<string> {
    const length = yield* this.#count();
    if (length > this.#window.length) return this.#decoder.decode(yield* this.#bytes(length));
    const start = yield* this.#take(length);
    return this.#decoder.decode(this.#window.subarray(start, start + length));
  }

  /** In a buffer of their own: in the file numbers do not lie at multiples of their size. */
  *#bytes(length: number): Reading<Uint8Array<ArrayBuffer>> {
    const bytes = this.#room(length);
    yield* this.#fill(bytes);
    return bytes;
  }

  /** Not cleared before: it is filled whole, or what asked for it throws. */
  #room(length: number): Uint8Array<ArrayBuffer> {
    this.#check(length);
    return Buffer.allocUnsafeSlow(length);
  }

  *#list<T>(item: () => Reading<T>): Reading<T[]> {
    const count = yield* this.#count();
    const list: T[] = [];
    for (let i = 0; i < count; i++) list.push(yield* item());
    return list;
  }

  *#typed(tag: number): Reading<TypedArray> {
    const isBehind = tag >= FIRST_BEHIND_TAG;
    const type = typedArrays[tag - (isBehind ? FIRST_BEHIND_TAG : FIRST_TYPED_TAG)];
    if (type === undefined) throw new Error(`the snapshot has the unknown tag ${tag}`);
    const length = (yield* this.#count()) * type.BYTES_PER_ELEMENT;
    if (!isBehind) return new type((yield* this.#bytes(length)).buffer);
    const bytes = this.#room(length);
    this.#behind.push(bytes);
    this.#behind_bytes += length;
    return new type(bytes.buffer);
  }

  *#object(depth: number): Reading<Snapshot> {
    const object: { [name: string]: Snapshot } = {};
    const count = yield* this.#count();
    for (let i = 0; i < count; i++) {
      const name = yield* this.#text();
      const value = yield* this.node(depth + 1);
      // Not an assignment: `__proto__` is a name like any other.
      Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
    }
    return object;
  }

  *node(depth: number): Reading<Snapshot> {
    if (depth > MAX_DEPTH) throw new Error(`the snapshot is nested deeper than ${MAX_DEPTH}`);
    const tag = this.#window[yield* this.#take(1)] as number;
    switch (tag) {
      case tags.null:
        return null;
      case tags.false:
        return false;
      case tags.true:
        return true;
      case tags.number:
        return yield* this.#number();
      case tags.text:
        return yield* this.#text();
      case tags.units: {
        const count = yield* this.#count();
        return Buffer.from((yield* this.#bytes(count * 2)).buffer).toString('utf16le');
      }
      case tags.list:
        return yield* this.#list(() => this.node(depth + 1));
      case tags.object:
        return yield* this.#object(depth);
      case tags.numbers:
        return yield* this.#list(() => this.#number());
      case tags.texts:
        return yield* this.#list(() => this.#text());
      default:
        return yield* this.#typed(tag);
    }
  }
}

export interface TreeRead {
  readonly snapshot: Snapshot;
  /** Arrays of it, or their ends, that are to be filled with the bytes that come now, in this order, to the last one. */
  readonly behind: readonly Uint8Array[];
}

/**
 * The tree that encodeSnapshot or encodeSnapshotFirst wrote, of `length` bytes that come one after the other: gives arrays,
 * which who asks fills whole with the next bytes before it goes on, and at last the tree and what is still to be filled of
 * it. Throws an Error where they are not exactly one tree.
 * @param window_bytes at once of small things, at least 8; what is an array of more is filled itself
 */
export function* readTree(length: number, window_bytes = WINDOW_BYTES): Reading<TreeRead> {
  checkByteOrder();
  const reader = new SnapshotReader(length, window_bytes);
  const snapshot = yield* reader.node(0);
  if (reader.left > 0) throw new Error(`${reader.left} bytes stand behind the snapshot`);
  return { snapshot, behind: reader.takeBehind() };
}

/** The same, which gives what stands behind the tree too, one array after the other: when it ends all is filled. */
export function* readSnapshot(length: number, window_bytes = WINDOW_BYTES): Reading<Snapshot> {
  const { snapshot, behind } = yield* readTree(length, window_bytes);
  yield* behind;
  return snapshot;
}

/** The same of bytes that are there. */
export function decodeSnapshot(bytes: Uint8Array): Snapshot {
  const reading = readSnapshot(bytes.length);
  let at = 0;
  for (;;) {
    const { done, value } = reading.next();
    if (done) return value;
    value.set(bytes.subarray(at, at + value.length));
    at += value.length;
  }
}
