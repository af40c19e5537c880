import { join } from 'node:path';
import type { FilePort } from '../files/file-port.ts';
import { nodeFiles } from '../files/file-port.ts';
import { EntryCursor } from './entry-cursor.ts';
import { BATCH_HEADER_BYTES, SEGMENT_HEADER_BYTES, segmentName, segmentPositions } from './segment-format.ts';
import { type FoundBatch, LogDamagedError, SegmentReader } from './segment-reader.ts';
import { SparseIndex } from './sparse-index.ts';

/** Of the entries before position `until`. */
function cursorOf({ bytes, count, first_position }: FoundBatch, until = Infinity): EntryCursor {
  return new EntryCursor(bytes.subarray(BATCH_HEADER_BYTES), Math.min(count, until - first_position), first_position);
}

/**
 * Reads a log directory, also while another process writes it: it takes no lock and stops at the last whole batch
 * that was there when it came to the end. Damage is thrown as LogDamagedError and never passed over.
 */
export class LogReader {
  readonly #files: FilePort;
  readonly #directory: string;
  readonly #indexes = new Map<number, SparseIndex>();

  constructor(directory: string, files: FilePort = nodeFiles) {
    this.#files = files;
    this.#directory = directory;
  }

  /** The index of a segment, for the writer to fill too. */
  indexOf(segment: number): SparseIndex {
    let index = this.#indexes.get(segment);
    if (index === undefined) {
      index = new SparseIndex();
      this.#indexes.set(segment, index);
    }
    return index;
  }

  async segments(): Promise<number[]> {
    return segmentPositions(await this.#files.list(this.#directory));
  }

  openSegment(segment: number): Promise<SegmentReader> {
    return SegmentReader.open(this.#files, join(this.#directory, segmentName(segment)));
  }

  /** Batches of one segment from an offset on, in order; ends where nothing whole follows. */
  async *#batchesOf(reader: SegmentReader, from_offset: number, isLast: boolean): AsyncGenerator<FoundBatch> {
    const index = this.indexOf(reader.header.first_position);
    let offset = from_offset;
    let position: number | null = offset === SEGMENT_HEADER_BYTES ? reader.header.first_position : null;
    let received_before = reader.header.received_max;
    for (;;) {
      const found = (await reader.batchAt(offset)) ?? (await this.#lookAgain(reader, offset, isLast));
      if (found === null) return;
      if (position !== null && found.first_position !== position) {
        throw new LogDamagedError(reader.path, offset, `a batch of position ${found.first_position}, not ${position},`);
      }
      if (position !== null) index.add(position, offset, received_before);
      yield found;
      offset += found.length;
      position = found.first_position + found.count;
      received_before = found.received_max;
    }
  }

  /**
   * What stands at `offset` is not whole: the end, a batch that is just being written, or damage. A batch found behind
   * it says that this one had been written whole, so it is read once more before it is called damaged.
   */
  async #lookAgain(reader: SegmentReader, offset: number, isLast: boolean): Promise<FoundBatch | null> {
    const size = await reader.size();
    if (offset === size) return null;
    if (isLast && (await reader.batchBehind(offset)) === null) return null;
    reader.refresh();
    const found = await reader.batchAt(offset);
    if (found === null) throw new LogDamagedError(reader.path, offset, 'a damaged batch');
    return found;
  }

  /** All batches with entries from `from_position` on, before `until`; the first one may begin before it. */
  async *#batches(from_position: number, until: number, start: (index: SparseIndex) => number | undefined) {
    const segments = await this.segments();
    let expected: number | null = null;
    for (let i = 0; i < segments.length; i++) {
      const next = segments[i + 1];
      if (next !== undefined && next <= from_position) continue;
      if (segments[i] >= until) return;
      if (expected !== null && segments[i] !== expected) throw this.#gap(expected, segments[i]);
      const reader = await this.openSegment(segments[i]);
      try {
        expected = reader.header.first_position;
        const offset = start(this.indexOf(segments[i])) ?? SEGMENT_HEADER_BYTES;
        for await (const batch of this.#batchesOf(reader, offset, next === undefined)) {
          expected = batch.first_position + batch.count;
          if (expected > from_position && batch.count > 0) yield batch;
          if (expected >= until) return;
        }
      } finally {
        await reader.close();
      }
    }
  }

  #gap(expected: number, found: number): LogDamagedError {
    const path = join(this.#directory, segmentName(found));
    return new LogDamagedError(
      path,
      0,
      `the entries from ${expected} to ${found - 1} are missing: no segment has them`,
    );
  }

  /**
   * Entries from a position on, in order, before position `until` (or up to what is on disk), in batches as appended. The
   * cursor of a batch stands before the first entry that was asked for.
   */
  async *readBatches(from_position: number, until: number = Infinity): AsyncGenerator<EntryCursor> {
    const batches = this.#batches(from_position, until, (index) => index.offsetOfPosition(from_position));
    for await (const batch of batches) {
      const cursor = cursorOf(batch, until);
      cursor.skipTo(from_position - 1);
      yield cursor;
    }
  }

  /** See EventLog.read. */
  async *read(from_position: number, until: number = Infinity) {
    for await (const cursor of this.readBatches(from_position, until)) {
      while (cursor.next()) yield { position: cursor.position, entry: cursor.entry() };
    }
  }

  /**
   * The first position whose record was received at or after this time; where there is none, the position behind the
   * last entry. Clocks step back: it is the first such record, so later ones may still carry earlier times.
   */
  async positionAt(received_at_ms: number, until: number = Infinity): Promise<number> {
    const segments = await this.segments();
    // A segment's header holds the greatest time before it, so the last one where that is lower has the record.
    let low = 0;
    for (let high = segments.length - 1; low < high; ) {
      const middle = Math.ceil((low + high) / 2);
      const reader = await this.openSegment(segments[middle]);
      const before = reader.header.received_max;
      await reader.close();
      if (before < received_at_ms) low = middle;
      else high = middle - 1;
    }
    let end = segments[low] ?? 0;
    const batches = this.#batches(end, until, (index) => index.offsetOfTime(received_at_ms));
    for await (const batch of batches) {
      end = batch.first_position + batch.count;
      if (batch.received_max < received_at_ms) continue;
      const cursor = cursorOf(batch);
      while (cursor.next()) if (cursor.isRecord && cursor.received_at >= received_at_ms) return cursor.position;
    }
    return end;
  }
}
