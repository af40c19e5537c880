import type { AggregateSink } from '../../engine/index.ts';
import { DetectionFile, type DetectionFileOptions } from './detection-sink.ts';

/**
 * Rows of tables (CREATE TABLE) as NDJSON at the end of a file. What a restart owes them is what it owes detections, and
 * is done in the same way: rows behind the checkpoint's offset are derived again and passed over by id.
 */
export class AggregateFile implements AggregateSink {
  readonly #file: DetectionFile;

  private constructor(file: DetectionFile) {
    this.#file = file;
  }

  /** See DetectionFile.open. */
  static async open(options: Omit<DetectionFileOptions, 'holds'>): Promise<AggregateFile> {
    return new AggregateFile(await DetectionFile.open({ ...options, holds: 'rows of tables' }));
  }

  get offset(): number {
    return this.#file.offset;
  }

  get told_until_ms(): number {
    return this.#file.told_until_ms;
  }

  forgetWritten(): void {
    this.#file.forgetWritten();
  }

  /** Appends the rows, one a line; those that were there behind known_offset are passed over. */
  write(rows: readonly object[]): Promise<void> {
    return this.#file.write(rows);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
