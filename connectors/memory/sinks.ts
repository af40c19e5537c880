import type { CheckpointStore, DeadLetter, DeadLetterSink, Snapshot } from '../../engine/index.ts';

/** Dead letters in the order in which they were written. */
export class MemoryDeadLetters implements DeadLetterSink {
  readonly letters: DeadLetter[] = [];

  write(letters: readonly DeadLetter[]): Promise<void> {
    for (const letter of letters) this.letters.push({ ...letter, bytes: letter.bytes.slice() });
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Keeps the last checkpoint as a copy. */
export class MemoryCheckpoints implements CheckpointStore {
  readonly kept = 1;
  #last: Snapshot = null;

  write(checkpoint: Snapshot): Promise<void> {
    this.#last = structuredClone(checkpoint);
    return Promise.resolve();
  }

  read(): Promise<Snapshot | null> {
    return Promise.resolve(structuredClone(this.#last));
  }
}
