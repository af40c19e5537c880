import module from 'node:module';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';

/**
 * A thread that runs a module of this program.
 * @param work address of the module (new URL('./part-worker.ts', import.meta.url))
 * @param job what it finds in workerData, copied
 */
export function startThread(work: URL, job: object): Worker {
  // It stands in a folder of this version of Node.
  const cache = module.getCompileCacheDir();
  const compile_cache = cache === undefined ? null : dirname(cache);
  return new Worker(new URL('./thread-entry.ts', import.meta.url), {
    workerData: { ...job, compile_cache, work: work.href },
  });
}
