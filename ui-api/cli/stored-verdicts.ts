import type { LogEntry, Verdict } from '../../engine/index.ts';

const codes: readonly (Verdict | undefined)[] = [undefined, 'accepted', 'duplicate', 'late', 'rejected'];

/** The verdicts that a log holds, by the position of their records: a byte each. */
export class StoredVerdicts {
  #codes = new Uint8Array(1024);

  /** Reads the log once; a verdict stands somewhere behind its record. */
  static async read(log: AsyncIterable<{ readonly entry: LogEntry }>): Promise<StoredVerdicts> {
    const verdicts = new StoredVerdicts();
    for await (const { entry } of log) if (entry.kind === 'verdict') verdicts.#set(entry.position, entry.verdict);
    return verdicts;
  }

  /** Undefined: none is written yet (it came last, or Weir was killed): the record is judged now. */
  of(position: number): Verdict | undefined {
    return codes[this.#codes[position] ?? 0];
  }

  #set(position: number, verdict: Verdict): void {
    if (position >= this.#codes.length) {
      const grown = new Uint8Array(Math.max(position + 1, this.#codes.length * 2));
      grown.set(this.#codes);
      this.#codes = grown;
    }
    this.#codes[position] = codes.indexOf(verdict);
  }
}
