import type { Program } from '../../engine/index.ts';
import { type KeptColumns, keepColumns } from './keep-columns.ts';

/** What a process that makes columns is sent: where, and of the rules what they say of the stream. */
export interface ColumnTask {
  readonly data: string;
  readonly stream: Pick<Program, 'schema' | 'settings'>;
}

export type ColumnReport = KeptColumns | { readonly error: string };

/** Makes the columns of a log that has none yet, beside `weir run`, which has started this process (column-keeper.ts). */
process.once('message', ({ data, stream }: ColumnTask) => {
  const program = { ...stream, streams: [{ name: 'events', columns: [] }], operators: [], hash: '' };
  const answer = (report: ColumnReport): void => {
    // Whoever asked may have gone.
    if (process.connected) process.send?.(report, () => process.disconnect?.());
  };
  keepColumns({ data }, program, 1, null).then(answer, (error: unknown) => {
    answer({ error: error instanceof Error ? error.message : String(error) });
  });
});
// Columns for a Weir that has ended are nobody's wish.
process.once('disconnect', () => process.exit());
