import { DECIMAL, INTEGER, MINUS, NUMBER, POINT, UNSURE } from './byte-kinds.ts';

/** Digits that a double holds whatever they are, and powers of ten that it holds exactly. */
const EXACT_DIGITS = 15;
const powers = Float64Array.from({ length: EXACT_DIGITS + 1 }, (_, k) => 10 ** k);
/** A number so long may be beyond a double. */
const LONG_NUMBER = 300;

/** HOT. Reads the numbers of JSON (RFC 8259) from bytes. */
export class ByteNumber {
  number = 0;
  /** Behind its last byte. */
  stop = 0;

  /**
   * INTEGER or DECIMAL; NUMBER where a double may not hold it; UNSURE where it is none, has an exponent or is very long.
   * Behind the bytes stands something that is no part of a number.
   */
  read(bytes: Uint8Array, start: number): number {
    let at = start;
    const isNegative = bytes[at] === MINUS;
    if (isNegative) at++;
    const whole = at;
    let number = 0;
    for (let digit = bytes[at] - 48; digit >= 0 && digit <= 9; digit = bytes[++at] - 48) number = number * 10 + digit;
    let digits = at - whole;
    // No digit, or a zero before others.
    if (digits === 0 || (digits > 1 && bytes[whole] === 48)) return UNSURE;
    let kind = INTEGER;
    if (bytes[at] === POINT) {
      const behind = ++at;
      for (let digit = bytes[at] - 48; digit >= 0 && digit <= 9; digit = bytes[++at] - 48) number = number * 10 + digit;
      if (at === behind) return UNSURE;
      digits += at - behind;
      kind = DECIMAL;
      // Both are exact, so their quotient is the double that is nearest (W. D. Clinger, 1990).
      if (digits <= EXACT_DIGITS) number /= powers[at - behind];
    }
    // An exponent.
    if ((bytes[at] | 0x20) === 0x65 || at - start > LONG_NUMBER) return UNSURE;
    this.stop = at;
    this.number = (isNegative ? -number : number) + 0;
    return digits <= EXACT_DIGITS ? kind : NUMBER;
  }
}
