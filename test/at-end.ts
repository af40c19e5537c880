import type { TestContext } from 'node:test';

const undone = new WeakMap<TestContext, (() => unknown)[]>();

/**
 * Undoes something when a test has ended: the newest first, each one whatever became of the others.
 * `context.after` alone takes the oldest first and stops at the first that fails, so that a folder is deleted under a
 * process that still writes to it, and the process is never ended: its test file then runs for ever.
 */
export function atEnd(context: TestContext, undo: () => unknown): void {
  const known = undone.get(context);
  if (known !== undefined) {
    known.push(undo);
    return;
  }
  const all = [undo];
  undone.set(context, all);
  context.after(async () => {
    const faults: unknown[] = [];
    while (all.length > 0) {
      try {
        await all.pop()?.();
      } catch (fault) {
        faults.push(fault);
      }
    }
    if (faults.length > 0) throw faults.length === 1 ? faults[0] : new AggregateError(faults);
  });
}
