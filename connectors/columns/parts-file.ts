import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Snapshot } from '../../engine/index.ts';
import { decodeSnapshot, readSnapshot } from '../files/snapshot-decoding.ts';
import { encodeSnapshot } from '../files/snapshot-encoding.ts';
import { writeFileWhole } from '../files/whole-file.ts';

/**
 * A file of named parts, each of which can be read without the others. Numbers little endian:
 *
 *   'WEIRCOLS', version u32, length of the directory u32, its CRC32 u32, the directory, the parts
 *
 * The directory says what the file is about, and of each part where it begins behind the directory, its length and its
 * CRC32. Directory and parts are snapshots (files/snapshot-encoding.ts). Synchronous, like scratch space: they are read in
 * the middle of a fold.
 */
const MAGIC = new TextEncoder().encode('WEIRCOLS');
/** Of this form and of what the parts mean. */
const VERSION = 3;
/** What is as it was in the oldest of these is read of it; before 3 there were no open parts (OPEN_SINCE). */
const OLDEST = 2;
/** From this version on a file has what its events say beside declared fields. */
export const OPEN_SINCE = 3;
const HEADER_BYTES = MAGIC.length + 12;

/** What is read to be checked alone goes through this. */
const window = Buffer.allocUnsafeSlow(256 * 1024);
/** A part is mostly an array or two, which are read where they belong. */
const SMALL_BYTES = 4096;

interface Place {
  readonly at: number;
  readonly length: number;
  readonly checksum: number;
}

/** Why a file is of no use; such a file is made again. */
export class UnusableFile extends Error {}

function bytesOf(snapshot: Snapshot): Uint8Array {
  const chunks: Uint8Array[] = [];
  // A chunk is valid until the next one is asked for.
  for (const chunk of encodeSnapshot(snapshot)) chunks.push(chunk.slice());
  return Buffer.concat(chunks);
}

/** Writes the file: under its name it is whole, or not there. */
export function writeParts(path: string, about: Snapshot, parts: ReadonlyMap<string, Snapshot>): void {
  const places: { [name: string]: Snapshot } = {};
  const bodies: Uint8Array[] = [];
  let at = 0;
  for (const [name, part] of parts) {
    const body = bytesOf(part);
    places[name] = { at, length: body.length, checksum: crc32(body) };
    bodies.push(body);
    at += body.length;
  }
  const directory = bytesOf({ about, places });
  const header = Buffer.alloc(HEADER_BYTES);
  header.set(MAGIC);
  header.writeUInt32LE(VERSION, MAGIC.length);
  header.writeUInt32LE(directory.length, MAGIC.length + 4);
  header.writeUInt32LE(crc32(directory), MAGIC.length + 8);
  writeFileWhole(path, [header, directory, ...bodies], 0o600);
}

/** A file that writeParts() has written. It is opened for each part: many such files may stand in wait. */
export class PartsFile {
  readonly path: string;
  readonly about: Snapshot;
  readonly version: number;
  readonly #start: number;
  readonly #places: ReadonlyMap<string, Place>;
  /** Parts that were checked, of the file as it was then. */
  readonly #checked = new Set<string>();
  #checkedAs = '';

  /** null: there is none. @throws UnusableFile where it is damaged, or of another version */
  static open(path: string): PartsFile | null {
    return withFile(path, (file) => new PartsFile(path, file));
  }

  private constructor(path: string, file: number) {
    this.path = path;
    const { size } = fstatSync(file);
    const header = readAt(file, 0, HEADER_BYTES, size, path);
    if (!MAGIC.every((byte, i) => header[i] === byte)) throw new UnusableFile(`${path} is no file of columns`);
    const version = header.readUInt32LE(MAGIC.length);
    if (version < OLDEST || version > VERSION) {
      throw new UnusableFile(`${path} has version ${version}, and this Weir reads ${OLDEST} to ${VERSION}`);
    }
    this.version = version;
    const length = header.readUInt32LE(MAGIC.length + 4);
    this.#start = HEADER_BYTES + length;
    const directory = readAt(file, HEADER_BYTES, length, size, path);
    const read = decodeSnapshot(checked(directory, header.readUInt32LE(MAGIC.length + 8), path));
    const { about, places } = read as { readonly [name: string]: Snapshot };
    this.about = about;
    this.#places = new Map(Object.entries(places as unknown as { readonly [name: string]: Place }));
  }

  has(name: string): boolean {
    return this.#places.has(name);
  }

  /** Its arrays are filled from the file itself. @throws UnusableFile where the part is damaged, or there is none */
  part(name: string): Snapshot {
    const { at, length, checksum } = this.#placeOf(name);
    return this.#read((file) => {
      if (this.#start + at + length > fstatSync(file).size) throw tooShort(this.path);
      const isChecked = this.#checked.has(name) && identityOf(file) === this.#checkedAs;
      const reading = readSnapshot(length, SMALL_BYTES);
      let next = this.#start + at;
      let sum = 0;
      for (;;) {
        const { done, value } = stepOf(reading, this.path);
        if (done && !isChecked && sum !== checksum) throw damaged(this.path);
        if (done) return value;
        fill(value, file, next, this.path);
        if (!isChecked) sum = crc32(value, sum);
        next += value.length;
      }
    });
  }

  /**
   * Throws as part() would. Gives what the file is: another text for another file of its name, and for this one when
   * something was written to it.
   * @param knownOf parts of a file that is this which need not be read
   */
  check(names: readonly string[], knownOf: (identity: string) => ReadonlySet<string>): string {
    return this.#read((file) => {
      const identity = identityOf(file);
      const known = knownOf(identity);
      if (identity !== this.#checkedAs) this.#checked.clear();
      this.#checkedAs = identity;
      for (const name of names) {
        const place = this.#placeOf(name);
        if (known.has(name)) continue;
        this.#checkPart(file, place);
        this.#checked.add(name);
      }
      return identity;
    });
  }

  #checkPart(file: number, { at, length, checksum }: Place): void {
    let sum = 0;
    for (let done = 0; done < length; ) {
      const piece = window.subarray(0, Math.min(window.length, length - done));
      const count = readSync(file, piece, 0, piece.length, this.#start + at + done);
      if (count === 0) throw tooShort(this.path);
      sum = crc32(piece.subarray(0, count), sum);
      done += count;
    }
    if (sum !== checksum) throw damaged(this.path);
  }

  #placeOf(name: string): Place {
    const place = this.#places.get(name);
    if (place === undefined) throw new UnusableFile(`${this.path} has no part ${name}`);
    return place;
  }

  #read<T>(read: (file: number) => T): T {
    const what = withFile(this.path, (file) => ({ read: read(file) }));
    if (what === null) throw new UnusableFile(`${this.path} is gone`);
    return what.read;
  }
}

/** null: there is no such file. */
function withFile<T>(path: string, read: (file: number) => T): T | null {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return read(file);
  } finally {
    closeSync(file);
  }
}

/** @param size of the file: a length that a damaged header claims must not become a huge allocation */
function readAt(file: number, offset: number, length: number, size: number, path: string): Buffer {
  if (offset + length > size) throw tooShort(path);
  const bytes = Buffer.allocUnsafeSlow(length);
  fill(bytes, file, offset, path);
  return bytes;
}

function fill(bytes: Uint8Array, file: number, offset: number, path: string): void {
  for (let filled = 0; filled < bytes.length; ) {
    const count = readSync(file, bytes, filled, bytes.length - filled, offset + filled);
    if (count === 0) throw tooShort(path);
    filled += count;
  }
}

/** Bytes that are no snapshot are told as the damage that they are, before the checksum of all of them is known. */
function stepOf(reading: ReturnType<typeof readSnapshot>, path: string): ReturnType<typeof reading.next> {
  try {
    return reading.next();
  } catch (error) {
    // No memory is no damage.
    throw error instanceof RangeError ? error : damaged(path);
  }
}

function tooShort(path: string): UnusableFile {
  return new UnusableFile(`${path} ends too early: it was cut short, or written over`);
}

function damaged(path: string): UnusableFile {
  return new UnusableFile(`${path} is damaged: a checksum is wrong`);
}

function checked(bytes: Uint8Array, checksum: number, path: string): Uint8Array {
  if (crc32(bytes) !== checksum) throw damaged(path);
  return plainBytes(bytes);
}

/** Not a Buffer: a slice of that is no copy. */
function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Another text for another file of the name, and for this one when something was written to it. */
function identityOf(file: number): string {
  const { ino, size, mtimeNs, ctimeNs } = fstatSync(file, { bigint: true });
  return [ino, size, mtimeNs, ctimeNs].join();
}
