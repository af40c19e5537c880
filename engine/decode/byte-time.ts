import type { ByteScanner } from './byte-scanner.ts';
import { parseTimestamp } from './timestamp.ts';

/** `2026-03-01T10:15:` */
const PREFIX = 17;
/** Of `2026-03-01T10:15:00Z`, and of the longest form with nine digits behind the second. */
const SHORTEST = 20;
const LONGEST = 30;

const ZERO = 0x30;
const POINT = 0x2e;
const ZULU = 0x5a;

/**
 * HOT. Reads `YYYY-MM-DDTHH:MM:SS[.digits]Z` from bytes. What stands before the seconds is the same for many events one
 * after the other: it is parsed once (timestamp.ts) and then compared.
 */
export class ByteTime {
  readonly #source: Pick<ByteScanner, 'bytes'>;
  readonly #prefix = new Uint8Array(PREFIX);
  /** Epoch milliseconds of the prefix's minute; NaN: none has been read. */
  #minute_ms = Number.NaN;

  constructor(source: Pick<ByteScanner, 'bytes'>) {
    this.#source = source;
  }

  /** Epoch milliseconds; NaN for any other form, and for what is no time. */
  read(start: number, stop: number): number {
    const { bytes } = this.#source;
    const length = stop - start;
    if (length < SHORTEST || length > LONGEST || bytes[stop - 1] !== ZULU) return Number.NaN;
    if (!this.#isPrefix(start) && !this.#learn(start)) return Number.NaN;
    const tens = bytes[start + PREFIX] - ZERO;
    const ones = bytes[start + PREFIX + 1] - ZERO;
    if (!(tens >= 0 && tens <= 5 && ones >= 0 && ones <= 9)) return Number.NaN;
    let millisecond = 0;
    if (length > SHORTEST) {
      const first = start + PREFIX + 3;
      if (bytes[first - 1] !== POINT || first === stop - 1) return Number.NaN;
      for (let at = first, unit = 100; at < stop - 1; at++) {
        const digit = bytes[at] - ZERO;
        if (!(digit >= 0 && digit <= 9)) return Number.NaN;
        if (unit >= 1) millisecond += digit * unit;
        unit = unit === 100 ? 10 : unit === 10 ? 1 : 0;
      }
    }
    return this.#minute_ms + (tens * 10 + ones) * 1000 + millisecond;
  }

  #isPrefix(start: number): boolean {
    const { bytes } = this.#source;
    for (let k = PREFIX - 1; k >= 0; k--) if (this.#prefix[k] !== bytes[start + k]) return false;
    return !Number.isNaN(this.#minute_ms);
  }

  #learn(start: number): boolean {
    let text = '';
    for (let k = 0; k < PREFIX; k++) {
      this.#prefix[k] = this.#source.bytes[start + k];
      text += String.fromCharCode(this.#prefix[k]);
    }
    this.#minute_ms = parseTimestamp(`${text}00Z`) ?? Number.NaN;
    return !Number.isNaN(this.#minute_ms);
  }
}
