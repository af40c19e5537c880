const first_bytes = 4096;
/** Texts up to here are copied byte by byte: cheaper than a call. */
const copied_by_hand = 48;
const two_32 = 4_294_967_296;

/** HOT. The values of one column of a Native block, behind one another in memory that grows. */
export class NativeData {
  #bytes = Buffer.allocUnsafe(first_bytes);
  #view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset);
  #end = 0;
  /** A byte for each value, 1: it is absent; null: none can be. */
  #nulls: Uint8Array | null;
  #values = 0;
  /** The text that came last, and where it stands with its length: many columns hold the same one again and again. */
  #last: string | null = null;
  #lastStart = 0;
  #lastEnd = 0;

  constructor(isNullable: boolean) {
    this.#nulls = isNullable ? new Uint8Array(first_bytes) : null;
  }

  get length(): number {
    return this.#end;
  }

  #room(more: number): void {
    if (this.#end + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#end + more, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer, larger.byteOffset);
  }

  /** Seven bits a byte, lowest first. */
  size(value: number): void {
    this.#room(10);
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.#bytes[this.#end++] = (rest % 128) | 128;
    this.#bytes[this.#end++] = rest;
  }

  text(value: string): void {
    if (value === '') {
      this.empty();
      return;
    }
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
    this.size(Buffer.byteLength(value));
    this.#end += this.#bytes.write(value, this.#end);
  }

  #again(): void {
    this.#room(this.#lastEnd - this.#lastStart);
    const bytes = this.#bytes;
    for (let at = this.#lastStart; at < this.#lastEnd; at++) bytes[this.#end++] = bytes[at];
  }

  empty(): void {
    this.#room(1);
    this.#bytes[this.#end++] = 0;
  }

  /** A text by its bytes, which are UTF-8 (or what the record holds in its place). */
  textBytes(from: Uint8Array, start: number, stop: number): void {
    this.#room(stop - start + 10);
    this.size(stop - start);
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
    this.#room(8);
    const low = value >>> 0;
    this.#view.setUint32(this.#end, low, true);
    this.#view.setInt32(this.#end + 4, (value - low) / two_32, true);
    this.#end += 8;
    this.#counted(0);
  }

  float64(value: number): void {
    this.#room(8);
    this.#view.setFloat64(this.#end, value, true);
    this.#end += 8;
    this.#counted(0);
  }

  /** NULL, in a column that is Nullable. */
  absent(): void {
    this.#room(8);
    this.#view.setFloat64(this.#end, 0, true);
    this.#end += 8;
    this.#counted(1);
  }

  #counted(isAbsent: number): void {
    if (this.#nulls === null) return;
    if (this.#values === this.#nulls.length) {
      const larger = new Uint8Array(2 * this.#values);
      larger.set(this.#nulls);
      this.#nulls = larger;
    }
    this.#nulls[this.#values++] = isAbsent;
  }

  /** Where each of so many texts begins, its length before it, and where the last one ends. */
  textStarts(texts: number): readonly number[] {
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

  copyBytes(from: NativeData, start: number, stop: number): void {
    this.#room(stop - start);
    this.#copy(from.#bytes, start, stop);
  }

  /** The value of a row of a column of the same type that holds numbers. */
  copyNumber(from: NativeData, row: number): void {
    this.copyBytes(from, row * 8, row * 8 + 8);
    this.#counted(from.#nulls?.[row] ?? 0);
  }

  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#end);
  }

  get nulls(): Uint8Array | null {
    return this.#nulls === null ? null : this.#nulls.subarray(0, this.#values);
  }
}
