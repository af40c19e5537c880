const space = 32;
const quote = 34;
const comma = 44;
const openList = 91;
const backslash = 92;
const closeList = 93;
const openObject = 123;
const closeObject = 125;

/** Where a list of records begins: behind its bracket. */
export interface ListStart {
  readonly end: number;
  /** It stands under a key of an object, which has to be closed behind it. */
  readonly is_in_object: boolean;
}

/**
 * Whether a list of records begins here, `[` or `{"KEY": [`, with any white space. 'more': so far it does, and the bytes
 * end.
 */
export function readListStart(bytes: Uint8Array, from: number, key: string | null): ListStart | 'no' | 'more' {
  let at = behindSpace(bytes, from);
  if (at === bytes.length) return 'more';
  if (bytes[at] === openList) return { end: at + 1, is_in_object: false };
  if (bytes[at] !== openObject || key === null) return 'no';
  for (const token of ['{', `"${key}"`, ':', '[']) {
    at = behindSpace(bytes, at);
    for (let i = 0; i < token.length; i++, at++) {
      if (at === bytes.length) return 'more';
      if (bytes[at] !== token.charCodeAt(i)) return 'no';
    }
  }
  return { end: at, is_in_object: true };
}

/** What a call of next() has seen. `at`: behind what it read. `begins_at`: where a record began, -1 where none did. */
export type ListScan =
  | { readonly kind: 'record' | 'more' | 'end'; readonly at: number; readonly begins_at: number }
  | { readonly kind: 'broken'; readonly at: number; readonly message: string };

/**
 * Finds the elements of a JSON list in chunks of bytes, by quotes and brackets alone: whether an element is right JSON
 * says who parses it. Keeps a few numbers, however long the list is.
 */
export class ListScanner {
  readonly #is_in_object: boolean;
  #expects: 'first' | 'element' | 'inside' | 'separator' | 'close' | 'nothing' = 'first';
  #depth = 0;
  #is_text = false;
  #is_escaped = false;
  /** Whole elements so far. */
  records = 0;

  constructor(is_in_object: boolean) {
    this.#is_in_object = is_in_object;
  }

  get is_in_record(): boolean {
    return this.#expects === 'inside';
  }

  get is_at_end(): boolean {
    return this.#expects === 'nothing';
  }

  /** Reads on to the end of an element, of the list, of what can be understood, or of the bytes. */
  next(bytes: Uint8Array, from: number): ListScan {
    let begins_at = -1;
    for (let at = from; ; ) {
      if (this.#expects !== 'inside') at = behindSpace(bytes, at);
      if (at === bytes.length) return { kind: 'more', at, begins_at };
      const byte = bytes[at];
      switch (this.#expects) {
        case 'inside': {
          const end = this.#readInside(bytes, at);
          if (this.is_in_record) return { kind: 'more', at: end, begins_at };
          this.records++;
          return { kind: 'record', at: end, begins_at };
        }
        case 'first':
        case 'element':
          if (byte === closeList && this.#expects === 'first') {
            at++;
            if (this.#closes()) return { kind: 'end', at, begins_at };
            break;
          }
          if (byte === comma || byte === closeList || byte === closeObject) return broken(at, 'a record was expected');
          begins_at = at;
          this.#expects = 'inside';
          break;
        case 'separator':
          if (byte !== comma && byte !== closeList) return broken(at, 'a comma or ] was expected');
          at++;
          if (byte === comma) this.#expects = 'element';
          else if (this.#closes()) return { kind: 'end', at, begins_at };
          break;
        default:
          if (byte !== closeObject) return broken(at, 'a } was expected behind the list');
          this.#expects = 'nothing';
          return { kind: 'end', at: at + 1, begins_at };
      }
    }
  }

  /** The list was closed; whether that is the end of the document. */
  #closes(): boolean {
    this.#expects = this.#is_in_object ? 'close' : 'nothing';
    return !this.#is_in_object;
  }

  /** Where the element ends, or the bytes. */
  #readInside(bytes: Uint8Array, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at];
      if (this.#is_text) {
        if (this.#is_escaped) this.#is_escaped = false;
        else if (byte === backslash) this.#is_escaped = true;
        else if (byte === quote) this.#is_text = false;
      } else if (byte === quote) this.#is_text = true;
      else if (byte === openObject || byte === openList) this.#depth++;
      else if (byte === closeObject || byte === closeList) {
        // A bare value (3, null) ends where the list does; the bracket is not its own.
        if (this.#depth === 0) return this.#ends(at);
        this.#depth--;
        if (this.#depth === 0) return this.#ends(at + 1);
      } else if (byte === comma && this.#depth === 0) return this.#ends(at);
    }
    return bytes.length;
  }

  #ends(at: number): number {
    this.#expects = 'separator';
    return at;
  }
}

function broken(at: number, message: string): ListScan {
  return { kind: 'broken', at, message };
}

function behindSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && (bytes[at] === space || (bytes[at] >= 9 && bytes[at] <= 13))) at++;
  return at;
}
