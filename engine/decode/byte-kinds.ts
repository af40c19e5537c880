/** What the scanner says, and what it knows of single bytes. */

/** What a value is; UNSURE: the plain parser must say. */
export const UNSURE = 0;
export const NULL = 1;
export const TRUE = 2;
export const FALSE = 3;
/** A number of at most 15 digits, which `number` holds exactly rounded. INTEGER has neither point nor exponent. */
export const INTEGER = 4;
export const DECIMAL = 5;
/** Any other number: `number` does not hold it. */
export const NUMBER = 6;
/** A text without escapes, so that its bytes are those between its quotes; and one with some. */
export const TEXT = 7;
export const ESCAPED = 8;
export const OBJECT = 9;
export const ARRAY = 10;

/** What nextKey() says. */
export const KEY = 1;
export const END = 2;

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
export const POINT = 0x2e;
export const COLON = 0x3a;
export const BACKSLASH = 0x5c;
export const OPEN_ARRAY = 0x5b;
export const CLOSE_ARRAY = 0x5d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;

/** By byte: what ends the run of plain bytes of a text. */
export const PLAIN = 0;
export const BEYOND_ASCII = 1;
export const ENDS = 2;
export const inText = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x80) return BEYOND_ASCII;
  return byte < 0x20 || byte === QUOTE || byte === BACKSLASH ? ENDS : PLAIN;
});
export const isSpace = Uint8Array.from({ length: 256 }, (_, byte) =>
  ' \n\r\t'.includes(String.fromCharCode(byte)) ? 1 : 0,
);
/** What may stand behind a backslash, but for `u`. */
export const isEscape = Uint8Array.from({ length: 256 }, (_, byte) =>
  '"\\/bfnrt'.includes(String.fromCharCode(byte)) ? 1 : 0,
);

/**
 * How many of the four bytes of a word, from the lowest on, are plain bytes of a text: ASCII, neither quote nor backslash nor
 * control character (a zero byte is found by its borrow, "Hacker's Delight" 6-1; a borrow into a higher byte follows one that
 * was found). No loop over bytes: where a text ends is what no processor foresees.
 */
export function plainBytes(word: number): number {
  const quote = word ^ 0x22222222;
  const backslash = word ^ 0x5c5c5c5c;
  const found =
    ((quote - 0x01010101) & ~quote) | ((backslash - 0x01010101) & ~backslash) | ((word - 0x20202020) & ~word);
  const marks = (found | word) & 0x80808080;
  return marks === 0 ? 4 : (31 - Math.clz32(marks & -marks)) >> 3;
}
