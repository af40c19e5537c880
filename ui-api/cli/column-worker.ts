import { parentPort, workerData } from 'node:worker_threads';
import { type ColumnJob, type ColumnOutcome, type ColumnPlace, makeColumns } from './column-making.ts';

export type ColumnAnswer = { readonly outcome: ColumnOutcome } | { readonly failure: string };

/** A thread that makes columns: it is sent one segment at a time, and answers with what became of it. */
const place = workerData as ColumnPlace;

parentPort?.on('message', (job: ColumnJob) => {
  const answer = (what: ColumnAnswer): void => parentPort?.postMessage(what);
  makeColumns(place, job).then(
    (outcome) => answer({ outcome }),
    (error: unknown) => answer({ failure: error instanceof Error ? error.message : String(error) }),
  );
});
