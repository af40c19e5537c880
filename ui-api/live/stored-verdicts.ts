import type { EventLog, Verdict } from '../../engine/index.ts';

const codes: readonly (Verdict | undefined)[] = [undefined, 'accepted', 'duplicate', 'late', 'rejected'];

/** The verdicts that stand in a log, by the position of their records: a byte each. */
export class StoredVerdicts {
  #codes = new Uint8Array(1024);
  /** The position behind the last verdict entry; 0 when there is none. */
  end = 0;

  /** Reads the log once from a position on; a verdict stands somewhere behind its record. */
  static async read(log: EventLog, from_position: number): Promise<StoredVerdicts> {
    const verdicts = new StoredVerdicts();
    for await (const { position, entry } of log.read(from_position)) {
      if (entry.kind !== 'verdict') continue;
      verdicts.#set(entry.position, entry.verdict);
      verdicts.end = position + 1;
    }
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
