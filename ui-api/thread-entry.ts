import module from 'node:module';
import { workerData } from 'node:worker_threads';

/**
 * Where a thread begins that start-thread.ts starts. Compiled code that the process keeps (weir.mjs) serves in a thread only
 * where the thread says so, before it loads anything: it starts in half the time.
 */
const { compile_cache, work } = workerData as { readonly compile_cache: string | null; readonly work: string };
if (compile_cache !== null) module.enableCompileCache(compile_cache);
await import(work);
