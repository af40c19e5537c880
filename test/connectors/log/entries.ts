import type { LogEntry } from '../../../engine/index.ts';

const encoder = new TextEncoder();

export function record(text: string, received_at = 0, partition = 'http', position = 0): LogEntry {
  return { kind: 'record', record: { partition, position, received_at, bytes: encoder.encode(text) } };
}

/** Entries as text, to compare them: bytes in base64. */
export function describe(entry: LogEntry): string {
  return JSON.stringify(entry, (_, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  );
}

export async function readAll(
  log: {
    read(from: number): AsyncIterable<{ position: number; entry: LogEntry }>;
  },
  from = 0,
): Promise<{ position: number; entry: LogEntry }[]> {
  const all: { position: number; entry: LogEntry }[] = [];
  for await (const item of log.read(from)) all.push(item);
  return all;
}
