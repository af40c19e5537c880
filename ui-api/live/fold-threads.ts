import type { ProgramPlan } from '../../dsl/index.ts';
import type { PartAnswer, PartListener, PartMessage, PartThread, ProgramPart } from '../../engine/index.ts';
import { startThread } from '../start-thread.ts';

/** A thread that folds a part of the plan's rules (fold-worker.ts). */
export function startFold(plan: ProgramPlan, part: ProgramPart, { answer, fail }: PartListener): PartThread {
  const worker = startThread(new URL('./fold-worker.ts', import.meta.url), { plan, part });
  let closing = false;
  const cannot = (why: string): void => {
    if (!closing) fail(new Error(`a thread that judges rules (workers) ${why}`));
  };
  worker.on('message', (news: PartAnswer) => answer(news));
  worker.on('messageerror', ({ message }) => cannot(`could not be heard: ${message}`));
  worker.on('error', (error) => cannot(`failed: ${error instanceof Error ? error.message : String(error)}`));
  worker.on('exit', (code) => cannot(`ended with ${code}`));
  return {
    post: (message: PartMessage) => worker.postMessage(message),
    async close() {
      closing = true;
      await worker.terminate();
    },
  };
}
