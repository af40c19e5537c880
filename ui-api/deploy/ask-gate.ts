import { Worker } from 'node:worker_threads';
import type { GateAnswer, GateQuestion } from './rule-gate.ts';

/** All tests of all rules have to be done in this time. */
const within_ms = 120_000;
const heap_mb = 1024;

/**
 * The gate's answer, from a thread that has bounded time and memory: a rule whose tests never end is refused.
 * @throws Error when the thread itself fails.
 */
export async function askGate(question: GateQuestion): Promise<GateAnswer> {
  const worker = new Worker(new URL('./rule-gate-worker.ts', import.meta.url), {
    workerData: question,
    resourceLimits: { maxOldGenerationSizeMb: heap_mb },
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<GateAnswer>((resolve, reject) => {
      const bounded = (what: string): GateAnswer => ({
        ...{ passed: false, code: 'tests_failed', message: `compiling and testing it ${what}` },
        ...{ hint: 'make the tests shorter (fewer events, a shorter history)', details: [] },
      });
      timer = setTimeout(() => resolve(bounded(`took more than ${within_ms / 1000} s`)), within_ms);
      worker.once('message', resolve);
      worker.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') resolve(bounded(`took more than ${heap_mb} MB`));
        else reject(error);
      });
      worker.once('exit', (code) => reject(new Error(`the thread of the gate ended with ${code}`)));
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
