import type { GateAnswer, GateQuestion, RemovalQuestion } from './rule-gate.ts';
import { beginThread, ThreadBound } from './test-thread.ts';

/**
 * The gate's answer, from a thread that has bounded time and memory: a rule whose tests never end is refused.
 * @throws Error when the thread itself fails.
 */
export async function askGate(question: GateQuestion | RemovalQuestion): Promise<GateAnswer> {
  const thread = beginThread<GateAnswer>(new URL('./rule-gate-worker.ts', import.meta.url), question);
  try {
    return await thread.answer;
  } catch (error) {
    if (!(error instanceof ThreadBound)) throw error;
    return {
      ...{ passed: false, code: 'tests_failed', message: `compiling and testing it ${error.message}` },
      ...{ hint: 'make the tests shorter (fewer events, a shorter history)', details: [] },
    };
  } finally {
    await thread.end();
  }
}
