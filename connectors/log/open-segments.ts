import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { type FilePort, type OpenFile, writeAll } from '../files/file-port.ts';
import type { LogReader } from './log-reader.ts';
import { encodeSegmentHeader, MARKER_BYTES, SEGMENT_HEADER_BYTES, segmentName } from './segment-format.ts';
import { type FoundBatch, LogDamagedError, type SegmentReader } from './segment-reader.ts';

/** The segment that is being written. */
export interface ActiveSegment {
  readonly path: string;
  readonly file: OpenFile;
  readonly first_position: number;
  readonly marker: Uint8Array;
  /** Bytes in use; the next batch goes here. */
  size: number;
}

/** Where the log ends. */
export interface LogEnd {
  position: number;
  received_max: number;
}

const UNFINISHED = '.new';

/** Makes a segment. It appears under its name only when its header is on disk, so a crash leaves it whole or absent. */
export async function createSegment(files: FilePort, directory: string, end: LogEnd): Promise<ActiveSegment> {
  const path = join(directory, segmentName(end.position));
  const marker = new Uint8Array(randomBytes(MARKER_BYTES));
  const file = await files.open(path + UNFINISHED, 'create');
  try {
    const header = { marker, first_position: end.position, received_max: end.received_max };
    await writeAll(file, encodeSegmentHeader(header), 0);
    await file.sync();
    await files.rename(path + UNFINISHED, path);
    await files.syncDirectory(directory);
  } catch (error) {
    await file.close();
    throw error;
  }
  return { path, file, first_position: end.position, marker, size: SEGMENT_HEADER_BYTES };
}

/** Removes what a crash left of a segment that was being made. */
export async function removeUnfinished(files: FilePort, directory: string): Promise<void> {
  for (const name of await files.list(directory)) {
    if (name.endsWith(`.segment${UNFINISHED}`)) await files.remove(join(directory, name));
  }
}

async function lastWholeBatch(reader: SegmentReader, log: LogReader, end: LogEnd): Promise<FoundBatch | null> {
  const index = log.indexOf(reader.header.first_position);
  let last: FoundBatch | null = null;
  for (let offset = SEGMENT_HEADER_BYTES; ; offset += last.length) {
    const batch = await reader.batchAt(offset);
    if (batch === null) return last;
    if (batch.first_position !== end.position) {
      throw new LogDamagedError(
        reader.path,
        offset,
        `a batch of position ${batch.first_position}, not ${end.position},`,
      );
    }
    index.add(batch.first_position, offset, end.received_max);
    end.position += batch.count;
    end.received_max = batch.received_max;
    last = batch;
  }
}

/**
 * Opens the last segment for writing. Its torn tail (an append that a crash cut short, never acknowledged) is cut with
 * a message; damage to what had been acknowledged throws LogDamagedError.
 */
export async function reopenSegment(
  files: FilePort,
  log: LogReader,
  segment: number,
  report: (message: string) => void,
): Promise<{ active: ActiveSegment; end: LogEnd }> {
  const reader = await log.openSegment(segment);
  const { header, path } = reader;
  const end: LogEnd = { position: header.first_position, received_max: header.received_max };
  let last: FoundBatch | null;
  let size: number;
  let fileSize: number;
  try {
    last = await lastWholeBatch(reader, log, end);
    size = last === null ? SEGMENT_HEADER_BYTES : last.offset + last.length;
    fileSize = await reader.size();
    if (fileSize > size && (await reader.batchBehind(size)) !== null) {
      throw new LogDamagedError(path, size, 'a damaged batch');
    }
  } finally {
    await reader.close();
  }
  const file = await files.open(path, 'update');
  try {
    if (fileSize > size) {
      await file.truncate(size);
      report(
        `${path}: cut ${fileSize - size} bytes at byte ${size}, log position ${end.position}: an append that a crash ` +
          'cut short. It had not been acknowledged, so its sender knows.',
      );
    }
    // After a failed fsync a batch can be readable and yet not on disk, and a later fsync does not mend that. Writing
    // the last batch again does, and changes nothing where it is on disk.
    if (last !== null) await writeAll(file, last.bytes, last.offset);
    await file.sync();
    // The process before may have been killed between naming this segment and putting the name on disk.
    await files.syncDirectory(dirname(path));
  } catch (error) {
    await file.close();
    throw error;
  }
  return { active: { path, file, first_position: header.first_position, marker: header.marker, size }, end };
}
