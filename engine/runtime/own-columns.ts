import type { Batch } from '../batch.ts';
import type { FieldColumn, Program, StreamSpec } from '../program.ts';

/** Of a stream, the columns that are read from events, in the order of a batch's. */
export function fieldsOf(stream: StreamSpec): FieldColumn[] {
  return stream.columns.filter((column) => column.kind === 'field');
}

/** By field column that the part's rules read of events, where a batch of the whole program has it. */
export function columnsOfPart(program: Program, part: Program): number[] {
  const all = fieldsOf(program.streams[0]).map(keyOf);
  return fieldsOf(part.streams[0]).map((column) => all.indexOf(keyOf(column)));
}

/** What says which column it is: two rules may read one path in two ways. */
function keyOf({ path, type, conversion }: FieldColumn): string {
  return JSON.stringify([path, type, conversion]);
}

/** A batch of the whole program as one of the part; they share their memory. */
export function batchOfPart(program: Program, part: Program): (batch: Batch) => Batch {
  if (part === program) return (batch) => batch;
  const read = columnsOfPart(program, part);
  return (batch) => ({ ...batch, columns: read.map((index) => batch.columns[index]) });
}
