/** Position of a character as people count: lines and characters (code points) from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

const utf8 = new TextEncoder();

/** A text with an index of its lines: offsets (UTF-16 units) to lines and columns. */
export class SourceText {
  readonly text: string;
  readonly #starts: number[] = [0];

  constructor(text: string) {
    this.text = text;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
  }

  get lines(): number {
    return this.#starts.length;
  }

  /** Line and column of an offset; an offset beyond the end counts as the end. */
  position(offset: number): Position {
    const at = Math.min(Math.max(offset, 0), this.text.length);
    const line = this.#lineOf(at);
    const start = this.#starts[line - 1] as number;
    return { line, column: [...this.text.slice(start, at)].length + 1 };
  }

  /** The same as editors count: the line from 0, and UTF-16 units from its beginning. */
  editorPosition(offset: number): { line: number; character: number } {
    const at = Math.min(Math.max(offset, 0), this.text.length);
    const line = this.#lineOf(at);
    return { line: line - 1, character: at - (this.#starts[line - 1] as number) };
  }

  /** Bytes of UTF-8 before an offset. */
  byteOffset(offset: number): number {
    return utf8.encode(this.text.slice(0, offset)).length;
  }

  /** A line without its line end; lines count from 1. */
  line(line: number): string {
    const start = this.#starts[line - 1] ?? this.text.length;
    const end = this.#starts[line] ?? this.text.length + 1;
    return this.text.slice(start, end - 1).replace(/\r$/, '');
  }

  /** Offset at which a line begins. */
  lineStart(line: number): number {
    return this.#starts[line - 1] ?? this.text.length;
  }

  #lineOf(offset: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }
}
