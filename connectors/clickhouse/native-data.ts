const first_bytes = 4096;
/** Texts up to here are copied byte by byte: cheaper than a call. */
const copied_by_hand = 48;
const two_32 = 4_294_967_296;

/**
 * HOT. The values of one column of a Native block, behind one another in memory that grows. Values that are the type's
 * default ('', 0, NULL) are only counted until another one comes: most events lack most fields.
 */
export class NativeData {
  #bytes: Buffer;
  #view: DataView;
  #end = 0;
  /** Bytes of a default value. */
  readonly #defaultBytes: number;
  /** A byte for each value, 1: it is absent; null: none can be. */
  #nulls: Uint8Array | null;
  /** Values so far, and how many of the last ones are defaults that are not written. */
  #values = 0;
  #owed = 0;
  /** The text that came last, and where it stands with its length: many columns hold the same one again and again. */
  #last: string | null = null;
  #lastStart = 0;
  #lastEnd = 0;

  /** @param capacity bytes that it will probably have */
  constructor(type: string, capacity = first_bytes) {
    this.#nulls = type.startsWith('Nullable') ? new Uint8Array(first_bytes) : null;
    this.#defaultBytes = type === 'String' ? 1 : 8;
    this.#bytes = Buffer.allocUnsafe(Math.max(first_bytes, capacity));
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset);
  }

  /** Bytes that the values take, without defaults at the end. */
  get length(): number {
    return this.#end;
  }

  /** Whether no value is other than the type's default. */
  get isDefault(): boolean {
    return this.#owed === this.#values;
  }

  /** Values before this row that did not come are defaults. */
  reach(row: number): void {
    const missing = row - this.#values;
    if (missing <= 0) return;
    this.#owed += missing;
    this.#values += missing;
  }

  /** Counts a value that comes now, behind the defaults that are owed. */
  #comes(): void {
    if (this.#owed > 0) this.#pay();
    this.#values++;
  }

  #pay(): void {
    const owed = this.#owed;
    if (owed === 0) return;
    this.#owed = 0;
    const bytes = owed * this.#defaultBytes;
    this.#room(bytes);
    this.#bytes.fill(0, this.#end, this.#end + bytes);
    this.#end += bytes;
    if (this.#nulls === null) return;
    this.#growNulls();
    this.#nulls.fill(1, this.#values - owed, this.#values);
  }

  #room(more: number): void {
    if (this.#end + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#end + more, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer, larger.byteOffset);
  }

  /** Seven bits a byte, lowest first. There is room for it. */
  #size(value: number): void {
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.#bytes[this.#end++] = (rest % 128) | 128;
    this.#bytes[this.#end++] = rest;
  }

  text(value: string): void {
    if (value === '') {
      this.absent();
      return;
    }
    this.#comes();
    if (value === this.#last) {
      this.#again();
      return;
    }
    this.#room(value.length * 3 + 10);
    this.#last = value;
    this.#lastStart = this.#end;
    this.#write(value);
    this.#lastEnd = this.#end;
  }

  #write(value: string): void {
    // Most are short: written behind one byte for their length, which is enough below 128.
    if (value.length < 128) {
      const length = this.#bytes.write(value, this.#end + 1);
      if (length < 128) {
        this.#bytes[this.#end] = length;
        this.#end += 1 + length;
        return;
      }
    }
    this.#size(Buffer.byteLength(value));
    this.#end += this.#bytes.write(value, this.#end);
  }

  #again(): void {
    this.#room(this.#lastEnd - this.#lastStart);
    const bytes = this.#bytes;
    for (let at = this.#lastStart; at < this.#lastEnd; at++) bytes[this.#end++] = bytes[at];
  }

  /** '' in a column of texts, NULL in one that is Nullable. */
  absent(): void {
    this.#owed++;
    this.#values++;
  }

  /** A text by its bytes, which are UTF-8 (or what the record holds in its place). */
  textBytes(from: Uint8Array, start: number, stop: number): void {
    if (start === stop) {
      this.absent();
      return;
    }
    this.#comes();
    this.#room(stop - start + 10);
    this.#size(stop - start);
    this.#copy(from, start, stop);
  }

  #copy(from: Uint8Array, start: number, stop: number): void {
    const bytes = this.#bytes;
    if (stop - start > copied_by_hand) {
      bytes.set(from.subarray(start, stop), this.#end);
      this.#end += stop - start;
      return;
    }
    let end = this.#end;
    for (let at = start; at < stop; at++) bytes[end++] = from[at];
    this.#end = end;
  }

  /** Two's complement, low word first. */
  int64(value: number): void {
    this.#comes();
    this.#room(8);
    const low = value >>> 0;
    this.#view.setUint32(this.#end, low, true);
    this.#view.setInt32(this.#end + 4, (value - low) / two_32, true);
    this.#end += 8;
    this.#isThere();
  }

  float64(value: number): void {
    this.#comes();
    this.#room(8);
    this.#view.setFloat64(this.#end, value, true);
    this.#end += 8;
    this.#isThere();
  }

  #isThere(): void {
    if (this.#nulls === null) return;
    this.#growNulls();
    this.#nulls[this.#values - 1] = 0;
  }

  #growNulls(): void {
    const nulls = this.#nulls as Uint8Array;
    if (this.#values <= nulls.length) return;
    const larger = new Uint8Array(2 * this.#values);
    larger.set(nulls);
    this.#nulls = larger;
  }

  /** Where each of so many texts begins, its length before it, and where the last one ends. */
  textStarts(texts: number): readonly number[] {
    this.reach(texts);
    this.#pay();
    const starts = [0];
    let at = 0;
    for (let i = 0; i < texts; i++) {
      let length = 0;
      for (let scale = 1, isLast = false; !isLast; scale *= 128) {
        const byte = this.#bytes[at++];
        length += (byte & 127) * scale;
        isLast = byte < 128;
      }
      at += length;
      starts.push(at);
    }
    return starts;
  }

  /** A text of another column, its length before it. */
  copyText(from: NativeData, start: number, stop: number): void {
    if (stop - start === 1) {
      this.absent();
      return;
    }
    this.#comes();
    this.#room(stop - start);
    this.#copy(from.#bytes, start, stop);
  }

  /** The value of a row of a column of the same type that holds numbers. */
  copyNumber(from: NativeData, row: number): void {
    from.reach(row + 1);
    from.#pay();
    if (from.#nulls?.[row] === 1) {
      this.absent();
      return;
    }
    this.#comes();
    this.#room(8);
    this.#copy(from.#bytes, row * 8, row * 8 + 8);
    this.#isThere();
  }

  written(): Uint8Array {
    this.#pay();
    return this.#bytes.subarray(0, this.#end);
  }

  get nulls(): Uint8Array | null {
    this.#pay();
    return this.#nulls === null ? null : this.#nulls.subarray(0, this.#values);
  }
}
