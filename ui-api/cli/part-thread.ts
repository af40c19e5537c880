import module from 'node:module';
import { workerData } from 'node:worker_threads';

/**
 * Where a thread that judges rules begins. Compiled code that the process keeps (ui-api/weir.mjs) serves in a thread only where
 * the thread says so, before it loads anything: it starts in half the time.
 */
const { compile_cache } = workerData as { readonly compile_cache: string | null };
if (compile_cache !== null) module.enableCompileCache(compile_cache);
await import('./part-worker.ts');
