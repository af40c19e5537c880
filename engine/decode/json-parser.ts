import { limits } from '../limits.ts';
import type { Rejection, RejectionReason } from '../verdict.ts';
import { printable, shorten, shortText } from './printable.ts';
import { decodeUtf8, utf8Length } from './utf8.ts';

/** A parsed text. An object is a Map, so that `__proto__` is a key like any other; order is that of the text. */
export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | JsonObject;
export type JsonObject = Map<string, JsonValue>;

export type JsonResult =
  | { readonly value: JsonValue; readonly rejection: null }
  | { readonly value: null; readonly rejection: Rejection };

/**
 * Parses the bytes of one record as JSON (RFC 8259), strictly: what two readers could read in two ways is rejected, with
 * the place of the mistake. Beyond the grammar it refuses duplicate keys, a byte order mark, half surrogate pairs,
 * numbers beyond the range of a double, and what is over the limits (limits.ts). An integer beyond 2^53 comes as a
 * bigint, so that a later reader can tell that no double holds it. This parser is the specification of what a
 * record says; JSON.parse lets duplicate keys pass. Never throws.
 */
export function parseJson(bytes: Uint8Array): JsonResult {
  if (bytes.length > limits.record_bytes) {
    const message = `the record is ${bytes.length} bytes long, more than the ${limits.record_bytes} a record may have`;
    return { value: null, rejection: { reason: 'too_large', message } };
  }
  const text = decodeUtf8(bytes);
  if (typeof text !== 'string') return { value: null, rejection: text };
  return new JsonParser(text).parse();
}

/** What a parsing method returns after it has called #fail: no JSON value is undefined. */
type Failure = undefined;

const quote = 0x22;
const backslash = 0x5c;
const simpleEscapes = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/** Recursive descent; the depth limit is checked before each step down, so hostile nesting cannot exhaust the stack. */
class JsonParser {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #reason: RejectionReason = 'not_json';
  #problem = '';
  #problemAt = 0;
  /** Keys and indexes from the mistake outwards, gathered while the methods return. */
  readonly #path: (string | number)[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  parse(): JsonResult {
    let value = this.#value();
    if (value !== undefined) {
      this.#skipSpace();
      if (this.#at < this.#text.length) value = this.#unexpected('the end of the record behind the value');
    }
    return value === undefined ? { value: null, rejection: this.#rejection() } : { value, rejection: null };
  }

  #rejection(): Rejection {
    const byte = utf8Length(this.#text.slice(0, this.#problemAt));
    const path = this.#path.reverse().join('.');
    const where = path === '' ? '' : ` in ${printable(shorten(path, 100))}`;
    return { reason: this.#reason, message: `at byte ${byte}${where}: ${this.#problem}` };
  }

  #fail(reason: RejectionReason, problem: string, at: number): Failure {
    this.#reason = reason;
    this.#problem = problem;
    this.#problemAt = at;
    return undefined;
  }

  #unexpected(expected: string): Failure {
    if (this.#at >= this.#text.length) {
      const message = this.#at === 0 ? 'the record is empty' : `the record ends where ${expected} should stand`;
      return this.#fail('not_json', message, this.#at);
    }
    const found = shortText(String.fromCodePoint(this.#text.codePointAt(this.#at) as number));
    return this.#fail('not_json', `found ${found} where ${expected} should stand`, this.#at);
  }

  #skipSpace(): void {
    for (; this.#at < this.#text.length; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    }
  }

  #value(): JsonValue | Failure {
    this.#skipSpace();
    switch (this.#text[this.#at]) {
      case '{':
        return this.#enter() ? this.#object() : undefined;
      case '[':
        return this.#enter() ? this.#array() : undefined;
      case '"':
        return this.#string();
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #enter(): boolean {
    if (this.#depth === limits.json_depth) {
      this.#fail('too_deep', `objects and arrays are nested more than ${limits.json_depth} deep`, this.#at);
      return false;
    }
    this.#depth++;
    this.#at++;
    return true;
  }

  #object(): JsonObject | Failure {
    const object: JsonObject = new Map();
    this.#skipSpace();
    for (let first = true; this.#text[this.#at] !== '}'; first = false) {
      if (!first) {
        if (this.#text[this.#at] !== ',') return this.#unexpected("',' or '}'");
        this.#at++;
        this.#skipSpace();
      }
      const keyAt = this.#at;
      const key = this.#text[keyAt] === '"' ? this.#string() : this.#unexpected('a key in double quotes');
      if (key === undefined) return undefined;
      if (object.has(key)) return this.#fail('duplicate_key', `the key ${shortText(key)} stands twice`, keyAt);
      this.#skipSpace();
      if (this.#text[this.#at] !== ':') return this.#unexpected("':'");
      this.#at++;
      const value = this.#value();
      if (value === undefined) {
        this.#path.push(key);
        return undefined;
      }
      object.set(key, value);
      this.#skipSpace();
    }
    this.#at++;
    this.#depth--;
    return object;
  }

  #array(): JsonValue[] | Failure {
    const array: JsonValue[] = [];
    this.#skipSpace();
    while (this.#text[this.#at] !== ']') {
      if (array.length > 0) {
        if (this.#text[this.#at] !== ',') return this.#unexpected("',' or ']'");
        this.#at++;
      }
      const value = this.#value();
      if (value === undefined) {
        this.#path.push(array.length);
        return undefined;
      }
      array.push(value);
      this.#skipSpace();
    }
    this.#at++;
    this.#depth--;
    return array;
  }

  #word<T extends boolean | null>(word: string, value: T): T | Failure {
    if (!this.#text.startsWith(word, this.#at)) return this.#unexpected('a value');
    this.#at += word.length;
    return value;
  }

  #string(): string | Failure {
    const opening = this.#at;
    let from = ++this.#at;
    let decoded = '';
    for (; ; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === quote) break;
      if (code === backslash) {
        decoded += this.#text.slice(from, this.#at);
        const character = this.#escape();
        if (character === undefined) return undefined;
        decoded += character;
        from = this.#at + 1;
      } else if (!(code >= 0x20)) {
        // NaN, behind the end of the text, is not >= 0x20 either.
        return Number.isNaN(code) ? this.#unexpected('the end of a string') : this.#controlCharacter(code);
      }
    }
    decoded += this.#text.slice(from, this.#at);
    this.#at++;
    // No UTF-16 unit takes more than three bytes, so the bytes of most strings need not be counted.
    if (decoded.length * 3 > limits.text_bytes && utf8Length(decoded) > limits.text_bytes) {
      const message = `a text of ${utf8Length(decoded)} bytes, more than the ${limits.text_bytes} a text may have`;
      return this.#fail('too_large', message, opening);
    }
    return decoded;
  }

  #controlCharacter(code: number): Failure {
    const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
    return this.#fail('not_json', `the control character ${name} stands in a string without an escape`, this.#at);
  }

  /** Reads the escape at the backslash and stops at its last character. */
  #escape(): string | Failure {
    const start = this.#at++;
    const simple = simpleEscapes.get(this.#text[this.#at]);
    if (simple !== undefined) return simple;
    if (this.#text[this.#at] !== 'u') return this.#unexpected('one of "\\/bfnrtu behind a backslash');
    const unit = this.#hexUnit();
    if (unit === undefined || unit < 0xd800 || unit > 0xdfff) {
      return unit === undefined ? undefined : String.fromCharCode(unit);
    }
    if (unit <= 0xdbff && this.#text.startsWith('\\u', this.#at + 1)) {
      this.#at += 2;
      const low = this.#hexUnit();
      if (low === undefined) return undefined;
      if (low >= 0xdc00 && low <= 0xdfff) return String.fromCharCode(unit, low);
    }
    const half = this.#text.slice(start, start + 6);
    return this.#fail('not_utf8', `${half} is half of a surrogate pair, which no UTF-8 text can hold`, start);
  }

  /** Reads four hexadecimal digits behind the `u` and stops at the last. */
  #hexUnit(): number | Failure {
    const digits = this.#text.slice(this.#at + 1, this.#at + 5);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) {
      this.#at++;
      return this.#unexpected('four hexadecimal digits behind \\u');
    }
    this.#at += 4;
    return Number.parseInt(digits, 16);
  }

  #number(): number | bigint | Failure {
    const start = this.#at;
    if (this.#text[this.#at] === '-') this.#at++;
    if (this.#text[this.#at] === '0') this.#at++;
    else if (!this.#digits()) return this.#unexpected(this.#at === start ? 'a value' : 'a digit');
    let whole = true;
    if (this.#text[this.#at] === '.') {
      whole = false;
      this.#at++;
      if (!this.#digits()) return this.#unexpected("a digit behind '.'");
    }
    if (this.#text[this.#at] === 'e' || this.#text[this.#at] === 'E') {
      whole = false;
      this.#at++;
      if (this.#text[this.#at] === '+' || this.#text[this.#at] === '-') this.#at++;
      if (!this.#digits()) return this.#unexpected('a digit of the exponent');
    }
    const digits = this.#text.slice(start, this.#at);
    const number = Number(digits);
    if (!Number.isFinite(number)) {
      return this.#fail('number_out_of_range', `the number ${shorten(digits, 40)} is beyond 1.8e308`, start);
    }
    return whole && !Number.isSafeInteger(number) ? BigInt(digits) : number;
  }

  /** Skips digits; false when there is none. */
  #digits(): boolean {
    const start = this.#at;
    for (; ; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (!(code >= 0x30 && code <= 0x39)) return this.#at > start;
    }
  }
}
