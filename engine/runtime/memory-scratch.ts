import type { ScratchStore } from '../ports.ts';

const BLOCK_BYTES = 4 * 1024 * 1024;

/** Scratch space in memory, in blocks, so that growing never copies: records that wait to be spilled, and tests. */
export class MemoryScratch implements ScratchStore {
  #blocks: Uint8Array[] = [];
  #starts: number[] = [];
  #used = 0;
  #end = 0;

  /** Bytes appended since the last clear(). */
  get size(): number {
    return this.#end;
  }

  append(bytes: Uint8Array): number {
    let block = this.#blocks.at(-1);
    if (block === undefined || this.#used + bytes.length > block.length) {
      block = new Uint8Array(Math.max(BLOCK_BYTES, bytes.length));
      this.#blocks.push(block);
      this.#starts.push(this.#end);
      this.#used = 0;
    }
    block.set(bytes, this.#used);
    this.#used += bytes.length;
    this.#end += bytes.length;
    return this.#end - bytes.length;
  }

  read(offset: number, length: number): Uint8Array {
    let low = 0;
    for (let high = this.#starts.length; high - low > 1; ) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle] <= offset) low = middle;
      else high = middle;
    }
    const start = offset - this.#starts[low];
    return this.#blocks[low].subarray(start, start + length);
  }

  /** Forgets everything; one block stays for what comes. */
  clear(): void {
    this.#blocks.length = Math.min(1, this.#blocks.length);
    this.#starts.length = this.#blocks.length;
    if (this.#starts.length > 0) this.#starts[0] = 0;
    this.#used = 0;
    this.#end = 0;
  }
}
