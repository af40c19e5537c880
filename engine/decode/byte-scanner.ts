import { limits } from '../limits.ts';
import {
  ARRAY,
  BACKSLASH,
  BEYOND_ASCII,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  END,
  ENDS,
  ESCAPED,
  FALSE,
  inText,
  isEscape,
  isSpace,
  KEY,
  NULL,
  OBJECT,
  OPEN_ARRAY,
  OPEN_OBJECT,
  plainBytes,
  QUOTE,
  TEXT,
  TRUE,
  UNSURE,
} from './byte-kinds.ts';
import { ByteNumber } from './byte-number.ts';
import { OpenKeys } from './open-keys.ts';

/** A key and the hash that keyHash has of it. Its bytes are such as a scanner reads: ASCII without escapes. */
export interface ScannedKey {
  readonly key: Uint8Array;
  readonly hash: number;
}

const FIRST_BYTES = 4_096;
/** Bytes behind a record: a zero, and what a word of its last byte reaches. */
const BEHIND = 8;

/**
 * HOT. JSON (RFC 8259) over the bytes of a record, without a text or an object for what it reads. It accepts only what
 * json-parser.ts accepts, and says UNSURE to everything else and to what is rare: escapes by code point and in keys,
 * exponents, equal hashes of two keys, great objects. Whether the bytes beyond ASCII are UTF-8 is the caller's to ask.
 */
export class ByteScanner {
  /** The record, and a zero behind it, which ends whatever is being read. */
  bytes = new Uint8Array(FIRST_BYTES);
  words = new DataView(this.bytes.buffer);
  length = 0;
  /** Whether a byte beyond ASCII was passed. */
  isBeyondAscii = false;
  /** Of the value that was read last: its first byte and the one behind it; of a TEXT without its quotes. */
  start = 0;
  stop = 0;
  number = 0;
  isLikely = false;
  /** Of the key that was read last, where it is not the likely one. */
  keyStart = 0;
  keyStop = 0;
  keyHash = 0;
  #at = 0;
  #depth = 0;
  /** A key that was read has bytes beyond ASCII. */
  hasStrangeKey = false;
  readonly #keys = new OpenKeys();
  readonly #numbers = new ByteNumber();

  /** Takes a record of at most limits.record_bytes, to be begun. */
  load(record: Uint8Array): void {
    if (record.length + BEHIND > this.bytes.length) {
      this.bytes = new Uint8Array(2 * record.length + BEHIND);
      this.words = new DataView(this.bytes.buffer);
    }
    this.bytes.set(record);
    this.length = record.length;
    this.bytes[record.length] = 0;
  }

  /** Stands before the record. */
  begin(): void {
    this.isBeyondAscii = false;
    this.hasStrangeKey = false;
    this.#at = 0;
    this.#depth = 0;
    this.#keys.begin();
  }

  /** Stands before a value at `at` with so many objects open around it, none of which is read on key by key. */
  standAt(at: number, depth: number): void {
    this.#at = at;
    this.#depth = depth;
  }

  /** Opens the record's object; false where it does not begin with one. */
  openRecord(): boolean {
    this.#skipSpace();
    return this.bytes[this.#at] === OPEN_OBJECT && this.open();
  }

  /** Whether nothing but space follows. */
  isAtEnd(): boolean {
    this.#skipSpace();
    return this.#at === this.length;
  }

  /** Stands at the bracket of an object or array: steps inside. False where it is too deep. */
  open(): boolean {
    if (this.#depth === limits.json_depth) return false;
    this.#depth++;
    this.#at++;
    this.#keys.open(this.#depth);
    return true;
  }

  /**
   * The next key of the open object: KEY with its colon passed, END with the object closed, or UNSURE. Records of one
   * producer have their keys in one order: where it is `likely`, isLikely says so and its bytes were only compared.
   */
  nextKey(likely: ScannedKey | null): number {
    const { bytes } = this;
    const depth = this.#depth;
    this.#skipSpace();
    if (bytes[this.#at] === CLOSE_OBJECT) {
      this.#close();
      return END;
    }
    if (!this.#keys.isEmpty(depth)) {
      if (bytes[this.#at] !== COMMA) return UNSURE;
      this.#at++;
      this.#skipSpace();
    }
    if (bytes[this.#at] !== QUOTE) return UNSURE;
    this.isLikely = likely !== null && this.#passKey(likely);
    if (!this.isLikely && !this.#readKey()) return UNSURE;
    this.#skipSpace();
    if (bytes[this.#at] !== COLON) return UNSURE;
    this.#at++;
    return this.#keys.add(this.keyHash, depth) ? KEY : UNSURE;
  }

  #close(): void {
    this.#at++;
    this.#keys.close(this.#depth);
    this.#depth--;
  }

  #passKey({ key, hash }: ScannedKey): boolean {
    const { bytes } = this;
    const start = this.#at + 1;
    for (let k = 0; k < key.length; k++) if (bytes[start + k] !== key[k]) return false;
    if (bytes[start + key.length] !== QUOTE) return false;
    this.keyHash = hash;
    this.#at = start + key.length + 1;
    return true;
  }

  #readKey(): boolean {
    const { bytes } = this;
    let at = this.#at + 1;
    this.keyStart = at;
    let hash = 0;
    for (let byte = bytes[at]; byte !== QUOTE; byte = bytes[++at]) {
      const kind = inText[byte];
      if (kind === ENDS) return false;
      if (kind === BEYOND_ASCII) this.isBeyondAscii = this.hasStrangeKey = true;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    this.keyStop = at;
    this.keyHash = hash;
    this.#at = at + 1;
    return at - this.keyStart <= limits.text_bytes;
  }

  /** Whether the next value is an object; it is not read. */
  isAtObject(): boolean {
    this.#skipSpace();
    return this.bytes[this.#at] === OPEN_OBJECT;
  }

  /** Where the next byte stands. */
  get at(): number {
    return this.#at;
  }

  /** Objects and arrays that are open. */
  get depth(): number {
    return this.#depth;
  }

  /** Reads the next value whole and says what it is. */
  value(): number {
    this.#skipSpace();
    const byte = this.bytes[this.#at];
    if (byte === QUOTE) return this.text(this.#at + 1);
    const start = this.#at;
    const kind = this.#other(byte);
    this.start = start;
    this.stop = this.#at;
    return kind;
  }

  #other(byte: number): number {
    switch (byte) {
      case OPEN_OBJECT:
        return this.#object();
      case OPEN_ARRAY:
        return this.#array();
      case 0x6e:
        return this.#word(0x6c6c756e, 4) ? NULL : UNSURE;
      case 0x74:
        return this.#word(0x65757274, 4) ? TRUE : UNSURE;
      case 0x66:
        // 'alse' behind the f.
        return this.#wordBehind(0x65736c61) ? FALSE : UNSURE;
      default:
        return this.#number();
    }
  }

  #word(letters: number, length: number): boolean {
    if (this.words.getInt32(this.#at, true) !== letters) return false;
    this.#at += length;
    return true;
  }

  #wordBehind(letters: number): boolean {
    this.#at++;
    return this.#word(letters, 4);
  }

  #object(): number {
    if (!this.open()) return UNSURE;
    for (;;) {
      const next = this.nextKey(null);
      if (next !== KEY) return next === END ? OBJECT : UNSURE;
      if (this.value() === UNSURE) return UNSURE;
    }
  }

  #array(): number {
    const { bytes } = this;
    if (!this.open()) return UNSURE;
    this.#skipSpace();
    for (let isFirst = true; bytes[this.#at] !== CLOSE_ARRAY; isFirst = false) {
      if (!isFirst) {
        if (bytes[this.#at] !== COMMA) return UNSURE;
        this.#at++;
      }
      if (this.value() === UNSURE) return UNSURE;
      this.#skipSpace();
    }
    this.#close();
    return ARRAY;
  }

  /** Reads the text whose opening quote stands before `start`: TEXT or ESCAPED. */
  text(start: number): number {
    const { bytes, words } = this;
    let at = start;
    let kind = TEXT;
    for (;;) {
      let plain = plainBytes(words.getInt32(at, true));
      for (; plain === 4; plain = plainBytes(words.getInt32(at, true))) at += 4;
      at += plain;
      if (bytes[at] === QUOTE) break;
      if (bytes[at] >= 0x80) {
        this.isBeyondAscii = true;
        at++;
      } else if (bytes[at] === BACKSLASH && isEscape[bytes[at + 1]] === 1) {
        kind = ESCAPED;
        at += 2;
      } else return UNSURE;
    }
    if (at - start > limits.text_bytes) return UNSURE;
    this.start = kind === TEXT ? start : start - 1;
    this.stop = kind === TEXT ? at : at + 1;
    this.#at = at + 1;
    return kind;
  }

  #number(): number {
    const numbers = this.#numbers;
    const kind = numbers.read(this.bytes, this.#at);
    if (kind === UNSURE) return UNSURE;
    this.#at = numbers.stop;
    this.number = numbers.number;
    return kind;
  }

  #skipSpace(): void {
    while (isSpace[this.bytes[this.#at]] === 1) this.#at++;
  }
}
