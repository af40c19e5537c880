import { randomUUID } from 'node:crypto';
import type { Clock, Program } from '../../engine/index.ts';
import { appendRun, type RunEntry } from '../runs/run-history.ts';

interface LivePeriodParts {
  readonly path: string;
  readonly program: Program;
  readonly version: string;
  readonly clock: Clock;
  readonly log: { readonly end_position: number };
  /** Told that the file cannot be written. */
  readonly report: (message: string) => void;
}

/** From a start of Weir, or of other rules in it, to the end, in the file of all runs. One that was killed has no end: the next one's begin says so. */
export class LivePeriod {
  readonly #parts: LivePeriodParts;
  readonly #begin: Omit<RunEntry, 'state' | 'ended_at' | 'at' | 'counters'>;

  constructor(parts: LivePeriodParts) {
    this.#parts = parts;
    const { program, version, clock, log } = parts;
    const rules = program.operators.filter(({ kind }) => kind === 'rule');
    this.#begin = {
      ...{ id: randomUUID(), mode: 'live', by: '', version, program_hash: program.hash, input: 'live', parameters: {} },
      rules: rules.map(({ name, plan_hash }) => [name, plan_hash] as const),
      ...{ range: [null, null], log: [log.end_position, log.end_position], error: null, detections: {} },
      started_at: new Date(clock.now_ms()).toISOString(),
    };
    this.#write({ ...this.#begin, state: 'running', ended_at: null, at: this.#begin.started_at, counters: {} });
  }

  /** @param counters what it counted */
  end(counters: object): void {
    const { clock, log } = this.#parts;
    const at = new Date(clock.now_ms()).toISOString();
    const positions: RunEntry['log'] = [this.#begin.log[0], log.end_position];
    this.#write({ ...this.#begin, state: 'done', ended_at: at, at, counters, log: positions });
  }

  #write(entry: RunEntry): void {
    const problem = appendRun(this.#parts.path, entry);
    if (problem !== null) this.#parts.report(problem);
  }
}
