import { INLINE_BYTES } from './text-records.ts';

const encoder = new TextEncoder();

/** HOT. A text of V8 as the bytes that stand in a record of a dictionary, in memory that is used again. */
export class WrittenText {
  /** With room for what a word reads behind the last byte. */
  readonly bytes = new Uint8Array(INLINE_BYTES + 4);
  readonly words = new DataView(this.bytes.buffer);
  readonly #room = this.bytes.subarray(0, INLINE_BYTES);

  /** Writes the text's bytes and says how many; -1: it does not stand in a record, being long or no UTF-8. */
  write(text: string): number {
    const { length } = text;
    if (length > INLINE_BYTES) return -1;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 0x80) return this.#encode(text);
      this.bytes[i] = unit;
    }
    return length;
  }

  #encode(text: string): number {
    if (!text.isWellFormed()) return -1;
    const { read, written } = encoder.encodeInto(text, this.#room);
    return read === text.length ? written : -1;
  }
}

/** What the units of a text take on V8's heap: a byte each, or two where one of them is beyond Latin-1. */
export function textBytes(text: string): number {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 255) return 2 * text.length;
  return text.length;
}
