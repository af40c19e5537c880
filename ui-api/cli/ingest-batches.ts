import { limits, parseJson, unreadableRecord } from '../../engine/index.ts';
import type { Config } from '../config.ts';
import { LineIds } from './line-ids.ts';
import type { Progress } from './progress.ts';
import type { FileSource } from './source.ts';

/** A batch is sent when it has this many lines (fewer where the settings allow fewer) or bytes. */
const most_batch_lines = 1000;
const batch_bytes = 1024 * 1024;

/** A line of the file on its way to a Weir or into its log. */
export interface IngestLine {
  /** Line of the file, from 1. */
  readonly number: number;
  readonly bytes: Uint8Array;
  /** True length in bytes of a line over the limit, of which `bytes` is the beginning. */
  readonly length?: number;
  /** No event, whatever the rules are: over the limit, nothing that the codec reads, or no JSON object. */
  readonly is_unreadable: boolean;
}

/** Lines of the source with ids, in batches for one request or one append each. */
export async function* batches(source: FileSource, config: Config, progress: Progress): AsyncGenerator<IngestLine[]> {
  const batch_lines = Math.min(most_batch_lines, config.request_lines, config.queue_events);
  const ids = new LineIds();
  let batch: IngestLine[] = [];
  let size = 0;
  for await (const records of source.read()) {
    for (const { number, bytes, length, is_unreadable } of records) {
      const line =
        length !== undefined || is_unreadable
          ? { number, bytes, ...(length === undefined ? {} : { length }), is_unreadable: true }
          : completed(ids, number, bytes);
      batch.push(line);
      size += line.bytes.length;
      if (batch.length >= batch_lines || size >= batch_bytes) {
        yield batch;
        batch = [];
        size = 0;
      }
    }
    progress.update(source.read_bytes, source.lines);
  }
  if (batch.length > 0) yield batch;
}

function completed(ids: LineIds, number: number, bytes: Uint8Array): IngestLine {
  const line = ids.complete(bytes, number);
  // What lacked something was read for it; what stays as it is lacks nothing, or is no object.
  const is_unreadable = line === bytes && !(parseJson(bytes).value instanceof Map);
  return { number, bytes: line, is_unreadable };
}

/**
 * The line as HTTP takes it. Of one over the limit the beginning is held alone: sent as it is, the door would take its
 * length for the line's, so it goes as what cannot be read, with its true length.
 */
export function requestLine({ number, bytes, length }: IngestLine): Uint8Array {
  if (length === undefined) return bytes;
  const message = `the record is ${length} bytes long, more than the ${limits.record_bytes} a record may have`;
  return unreadableRecord({ message, reason: 'too_large', line: number, record: null, bytes, length });
}

/** The API passes over blank lines; here they must not shift the answers. */
export function isBlank({ bytes }: IngestLine): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09);
}
