import type { Program } from '../program.ts';
import type { Snapshot } from '../snapshot.ts';
import type { WorkerParts } from './fold-workers.ts';

/** What a snapshot holds of other threads: the rules and views of each part, the own one first, and the others' state. */
export interface SavedWorkers {
  readonly names: readonly (readonly string[])[];
  readonly states: readonly Snapshot[];
}

/** What an engine must be to take up a snapshot. */
export interface FitFor {
  /** The form of the state (engine.ts). */
  readonly layout: number;
  readonly program: Program;
  readonly workers: WorkerParts | null;
}

/** Of each part, its rules and views: a state belongs to them. */
export function namesOfParts({ own, others }: WorkerParts): string[][] {
  return [own, ...others].map(({ part: { names } }) => [...names].sort());
}

/** @throws when the snapshot was made with another layout of the state, another program or other threads, and says which */
export function checkFit(snapshot: Snapshot, { layout, program, workers }: FitFor): void {
  const from = snapshot as unknown as { layout?: number; program: string; workers?: SavedWorkers };
  if (from.layout !== layout) {
    throw new Error(
      `the checkpoint is of another version of Weir (state layout ${from.layout ?? 1}, this one has ${layout}): ` +
        `start without it, from the log`,
    );
  }
  if (from.program !== program.hash) {
    throw new Error(
      `the checkpoint belongs to the program ${from.program}, the loaded rules are the program ${program.hash}: ` +
        `start with the rules of the checkpoint, or without it, from the log`,
    );
  }
  const before = from.workers?.names ?? [];
  const now = workers === null ? [] : namesOfParts(workers);
  if (JSON.stringify(before) === JSON.stringify(now)) return;
  const threads = (names: readonly unknown[]): number => Math.max(1, names.length);
  throw new Error(
    threads(before) === threads(now)
      ? 'it was made with the rules divided among its threads in another way'
      : `it was made with workers ${threads(before)}, and now they are ${threads(now)}`,
  );
}
