import { Worker } from 'node:worker_threads';
import { type ColumnJob, type ColumnOutcome, type ColumnPlace, makeColumns } from './column-making.ts';
import type { ColumnAnswer } from './column-worker.ts';

/**
 * Makes columns of segments, in their order, so many at once; the files are the same. None is begun behind one that is
 * unfit or fails.
 * @param jobOf called when the segment's turn comes
 * @param on_done told how many are done
 * @returns what became of each that was begun, and why one failed; null: none did
 */
export async function makeAll(
  place: ColumnPlace,
  count: number,
  jobOf: (number: number) => ColumnJob,
  threads: number,
  on_done: (done: number) => void,
): Promise<{ outcomes: readonly (ColumnOutcome | undefined)[]; failure: string | null }> {
  const outcomes: (ColumnOutcome | undefined)[] = [];
  let failure: string | null = null;
  let next = 0;
  let done = 0;
  const work = async (make: (job: ColumnJob) => Promise<ColumnOutcome>): Promise<void> => {
    while (next < count && failure === null && !outcomes.includes('unfit')) {
      const number = next++;
      try {
        outcomes[number] = await make(jobOf(number));
        on_done(++done);
      } catch (error) {
        failure = error instanceof Error ? error.message : String(error);
      }
    }
  };
  const wanted = Math.min(threads, count);
  if (wanted < 2) await work((job) => makeColumns(place, job));
  else {
    const workers = Array.from({ length: wanted }, () => {
      return new Worker(new URL('./column-worker.ts', import.meta.url), { workerData: place });
    });
    try {
      await Promise.all(workers.map((worker) => work((job) => asked(worker, job))));
    } finally {
      await Promise.all(workers.map((worker) => worker.terminate()));
    }
  }
  return { outcomes, failure };
}

function asked(worker: Worker, job: ColumnJob): Promise<ColumnOutcome> {
  return new Promise((resolve, reject) => {
    const end = (code: number): void => reject(new Error(`a thread that makes columns ended with ${code}`));
    worker.once('message', (answer: ColumnAnswer) => {
      worker.off('error', reject);
      worker.off('exit', end);
      if ('failure' in answer) reject(new Error(answer.failure));
      else resolve(answer.outcome);
    });
    worker.once('error', reject);
    worker.once('exit', end);
    worker.postMessage(job, [job.verdicts.buffer as ArrayBuffer]);
  });
}
