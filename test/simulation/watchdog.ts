import { Worker } from 'node:worker_threads';
import type { ParityCase } from './arbitrary.ts';

/**
 * Milliseconds of the processor that one case may take: a hundred times what the slowest takes. Not of a clock, which goes
 * on while other programs run.
 */
export const most_cpu_ms = 120_000;

/** Is told of each case before it is checked. */
interface Watchdog {
  begin(parity: ParityCase): void;
  end(): void;
}

/**
 * A case that does not end would hang the whole run, and nothing in this thread could say so: a thread beside it does
 * (watchdog-thread.ts). It writes `what`, the rules and the case to stderr, and ends this process.
 */
export function watchdog(what: string, limit_cpu_ms: number): Watchdog {
  const thread = new Worker(new URL('./watchdog-thread.ts', import.meta.url), {
    workerData: { what, limit_cpu_ms },
    // Not what this process was started with: that is about its own file.
    execArgv: [],
  });
  thread.unref();
  return {
    begin: (parity) => thread.postMessage(parity),
    end: () => {
      thread.postMessage(null);
      void thread.terminate();
    },
  };
}

/** Checks one case with a watchdog. */
export function watched(what: string, parity: ParityCase, check: (parity: ParityCase) => void): void {
  const watch = watchdog(what, most_cpu_ms);
  watch.begin(parity);
  try {
    check(parity);
  } finally {
    watch.end();
  }
}
