import type { Snapshot } from '../../engine/index.ts';

/**
 * A snapshot tree as bytes: a tag, then what the tag says, all little endian. Typed arrays lie raw, lists of strings
 * and of numbers have their own compact forms. Encoding gives chunk after chunk, so that a checkpoint of a gigabyte
 * neither needs a second gigabyte nor holds up the event loop: the caller writes one chunk before it asks for the next.
 */
export const tags = {
  null: 0,
  false: 1,
  true: 2,
  number: 3,
  text: 4,
  /** UTF-16 units of a string that is not well formed (a lone surrogate out of a JSON escape): UTF-8 would lose it. */
  units: 5,
  list: 6,
  object: 7,
  numbers: 8,
  texts: 9,
} as const;

export type TypedArray = Int32Array | Uint32Array | Float64Array | Uint8Array | Uint16Array;
export const FIRST_TYPED_TAG = 16;
/** The same of an array whose bytes stand behind the tree, with those of the others in the order of their tags. */
export const FIRST_BEHIND_TAG = 32;
export const typedArrays = [Int32Array, Uint32Array, Float64Array, Uint8Array, Uint16Array] as const;

/** Deeper trees are a mistake of whoever made them, or damage. */
export const MAX_DEPTH = 64;
const CHUNK_BYTES = 256 * 1024;

const textEncoder = new TextEncoder();

export function checkByteOrder(): void {
  if (new Uint8Array(new Uint16Array([1]).buffer)[0] !== 1) {
    throw new Error('checkpoints need a little-endian processor, and this one is not');
  }
}

/** Collects small things into chunks and hands large arrays through without copying. */
class ChunkWriter {
  #chunk = new Uint8Array(CHUNK_BYTES);
  #view = new DataView(this.#chunk.buffer);
  /** What lies before it was handed out. */
  #start = 0;
  #used = 0;
  /** Bytes that stand behind the tree; null: each array stands where its tag is. */
  readonly behind: Uint8Array[] | null;

  constructor(behind: Uint8Array[] | null) {
    this.behind = behind;
  }

  /** Whether `count` more bytes fit; if not, the caller yields take() first. `count` <= CHUNK_BYTES. */
  fits(count: number): boolean {
    return this.#used + count <= CHUNK_BYTES;
  }

  /** What was collected; afterwards a whole chunk is free. */
  take(): Uint8Array {
    const taken = this.rest();
    this.#chunk = new Uint8Array(CHUNK_BYTES);
    this.#view = new DataView(this.#chunk.buffer);
    this.#start = 0;
    this.#used = 0;
    return taken;
  }

  /** What was collected; the rest of the chunk is used on. */
  rest(): Uint8Array {
    const taken = this.#chunk.subarray(this.#start, this.#used);
    this.#start = this.#used;
    return taken;
  }

  bytes(value: Uint8Array): void {
    this.#chunk.set(value, this.#used);
    this.#used += value.length;
  }

  tag(tag: number): void {
    this.#chunk[this.#used++] = tag;
  }

  count(value: number): void {
    this.#view.setUint32(this.#used, value, true);
    this.#used += 4;
  }

  number(value: number): void {
    this.#view.setFloat64(this.#used, value, true);
    this.#used += 8;
  }

  /** Length and bytes of a short text: three bytes a unit must fit. */
  text(value: string): void {
    const { written } = textEncoder.encodeInto(value, this.#chunk.subarray(this.#used + 4));
    this.count(written);
    this.#used += written;
  }
}

/** Arrays up to this size are copied into a chunk: one write for many. */
const COPIED_BYTES = 32 * 1024;

const isShort = (text: string) => text.length <= 1024;
/** Room for a tag, a count and a short text. */
const ROOM = 4096;

/** Bytes of any number: small ones are collected, large ones handed through. */
function* encodeBytes(writer: ChunkWriter, bytes: Uint8Array): Generator<Uint8Array> {
  if (bytes.length <= COPIED_BYTES) {
    if (!writer.fits(bytes.length)) yield writer.take();
    return writer.bytes(bytes);
  }
  yield writer.rest();
  yield* chunksOf(bytes);
}

function* chunksOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

function* encodeTyped(writer: ChunkWriter, typed: TypedArray): Generator<Uint8Array> {
  const bytes = new Uint8Array(typed.buffer, typed.byteOffset, typed.byteLength);
  const kind = typedArrays.findIndex((type) => typed instanceof type);
  const isBehind = writer.behind !== null && bytes.length > COPIED_BYTES;
  writer.tag((isBehind ? FIRST_BEHIND_TAG : FIRST_TYPED_TAG) + kind);
  writer.count(typed.length);
  if (isBehind) writer.behind.push(bytes);
  else yield* encodeBytes(writer, bytes);
}

function* encodeText(writer: ChunkWriter, value: string): Generator<Uint8Array> {
  if (!writer.fits(ROOM)) yield writer.take();
  if (isShort(value)) return writer.text(value);
  const bytes = textEncoder.encode(value);
  writer.count(bytes.length);
  yield* encodeBytes(writer, bytes);
}

function* encodeUnits(writer: ChunkWriter, value: string): Generator<Uint8Array> {
  const units = Uint16Array.from({ length: value.length }, (_, i) => value.charCodeAt(i));
  writer.tag(tags.units);
  writer.count(units.length);
  yield* encodeBytes(writer, new Uint8Array(units.buffer));
}

function* encodeList(writer: ChunkWriter, list: readonly Snapshot[], depth: number): Generator<Uint8Array> {
  if (list.length > 0 && list.every((item) => typeof item === 'number')) {
    writer.tag(tags.numbers);
    writer.count(list.length);
    for (const item of list) {
      if (!writer.fits(8)) yield writer.take();
      writer.number(item as number);
    }
    return;
  }
  const areTexts = list.length > 0 && list.every((item) => typeof item === 'string' && item.isWellFormed());
  writer.tag(areTexts ? tags.texts : tags.list);
  writer.count(list.length);
  for (const item of list) {
    // The short text, of which there may be a million, goes without a generator of its own.
    if (areTexts && isShort(item as string) && writer.fits(ROOM)) writer.text(item as string);
    else if (areTexts) yield* encodeText(writer, item as string);
    else yield* encodeNode(writer, item, depth + 1);
  }
}

function* encodeNode(writer: ChunkWriter, node: Snapshot, depth: number): Generator<Uint8Array> {
  if (depth > MAX_DEPTH) throw new RangeError(`a snapshot is nested deeper than ${MAX_DEPTH}`);
  if (!writer.fits(ROOM)) yield writer.take();
  if (node === null) return writer.tag(tags.null);
  if (typeof node === 'boolean') return writer.tag(node ? tags.true : tags.false);
  if (typeof node === 'number') {
    writer.tag(tags.number);
    return writer.number(node);
  }
  if (typeof node === 'string') {
    if (!node.isWellFormed()) return yield* encodeUnits(writer, node);
    writer.tag(tags.text);
    return yield* encodeText(writer, node);
  }
  if (ArrayBuffer.isView(node)) return yield* encodeTyped(writer, node as TypedArray);
  if (Array.isArray(node)) return yield* encodeList(writer, node, depth);
  const entries = Object.entries(node as { readonly [name: string]: Snapshot });
  writer.tag(tags.object);
  writer.count(entries.length);
  for (const [name, value] of entries) {
    yield* encodeText(writer, name);
    yield* encodeNode(writer, value, depth + 1);
  }
}

/** The bytes of a snapshot in chunks of at most 256 KiB, valid until the next is asked for. Throws on a bad tree. */
export function* encodeSnapshot(snapshot: Snapshot): Generator<Uint8Array> {
  yield* encode(snapshot, new ChunkWriter(null));
}

/**
 * The same with all large arrays behind the tree: who reads it knows after little where each of them goes, and reads them
 * side by side.
 */
export function* encodeSnapshotFirst(snapshot: Snapshot): Generator<Uint8Array> {
  const behind: Uint8Array[] = [];
  yield* encode(snapshot, new ChunkWriter(behind));
  for (const bytes of behind) yield* chunksOf(bytes);
}

function* encode(snapshot: Snapshot, writer: ChunkWriter): Generator<Uint8Array> {
  checkByteOrder();
  yield* encodeNode(writer, snapshot, 0);
  yield writer.rest();
}
