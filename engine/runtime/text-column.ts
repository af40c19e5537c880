import type { Column } from '../batch.ts';
import type { Dictionary } from '../decode/dictionary.ts';
import { TextList } from './packed-texts.ts';
import type { CodedTexts, Codes } from './stored-events.ts';

/** HOT. A stored column of texts that is being read: its texts become ids of the run as they are asked for. */
export class TextColumn {
  readonly #codes: Codes;
  readonly #texts: TextList;
  readonly #dictionary: Dictionary;
  /** By code, the id in this run; 0: not looked up. */
  readonly #ids: Int32Array;

  constructor({ codes, texts }: CodedTexts, dictionary: Dictionary) {
    this.#codes = codes;
    this.#texts = new TextList(texts);
    this.#dictionary = dictionary;
    this.#ids = new Int32Array(this.#texts.count + 1);
  }

  idOf(row: number): number {
    const code = this.#codes[row];
    return code === 0 || this.#ids[code] !== 0 ? this.#ids[code] : this.#lookUp(code);
  }

  #lookUp(code: number): number {
    this.#ids[code] = this.#texts.idOf(code - 1, this.#dictionary);
    return this.#ids[code];
  }

  /** Puts the ids of rows behind each other, from a place of the target on. */
  copyTo(target: Column, from: number, rows: Int32Array): void {
    const codes = this.#codes;
    const ids = this.#ids;
    for (let i = 0; i < rows.length; i++) {
      const code = codes[rows[i]];
      target[from + i] = code === 0 || ids[code] !== 0 ? ids[code] : this.#lookUp(code);
    }
  }

  /** Texts that the dictionary may take back are looked up again. */
  forget(used: Uint8Array): void {
    const ids = this.#ids;
    for (let code = 1; code < ids.length; code++) if (used[ids[code]] === 0) ids[code] = 0;
  }
}
