import type { Batch, Column } from '../batch.ts';
import type { Program } from '../program.ts';

/** One empty column per field that the events stream reads, of the storage that the program says. */
export function fieldColumns(program: Program, capacity: number): Column[] {
  return program.streams[0].columns
    .filter((column) => column.kind === 'field')
    .map((column) => (column.storage === 'id' ? new Int32Array(capacity) : new Float64Array(capacity)));
}

/** An empty batch of the events stream for so many rows. */
export function emptyBatch(program: Program, capacity: number): Batch {
  return {
    count: 0,
    time: new Float64Array(capacity),
    seq: new Float64Array(capacity),
    tenant: new Int32Array(capacity),
    idStart: new Int32Array(capacity + 1),
    idBytes: new Uint8Array(capacity * 32),
    partition: new Int32Array(capacity),
    position: new Float64Array(capacity),
    columns: fieldColumns(program, capacity),
  };
}

/** Makes room for the next rows. The id buffer keeps the size that the largest batch needed. */
export function clearBatch(batch: Batch): void {
  batch.count = 0;
  batch.idStart[0] = 0;
}

/** HOT. Makes room for so many bytes of ids; what stands there stays. */
export function reserveIds(batch: Batch, bytes: number): void {
  if (bytes <= batch.idBytes.length) return;
  const grown = new Uint8Array(Math.max(batch.idBytes.length * 2, bytes));
  grown.set(batch.idBytes);
  batch.idBytes = grown;
}
