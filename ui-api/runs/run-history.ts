import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { appendLine } from '../records/append-line.ts';
import type { RunState } from './run-record.ts';

/** A run as the table `runs` of the store shows it: a live period, a backtest, or a log taken again in its order. */
export interface RunEntry {
  readonly id: string;
  readonly mode: 'live' | 'backtest' | 'replay';
  readonly state: RunState;
  /** Who asked for it; '' for whoever used the command line. */
  readonly by: string;
  /** Of Weir. */
  readonly version: string;
  readonly program_hash: string;
  /** Name and plan hash of each rule that ran. */
  readonly rules: readonly (readonly [name: string, plan_hash: string])[];
  /** Where the events came from: http, log, store, or a file. */
  readonly input: string;
  readonly parameters: object;
  /** Event times of the first and the last event; null: not known, or none. */
  readonly range: readonly [from: string | null, to: string | null];
  /** Positions of the log, where it is about one. */
  readonly log: readonly [from: number, to: number];
  readonly started_at: string;
  readonly ended_at: string | null;
  /** When this was written: of two lines about one run the later stands. */
  readonly at: string;
  readonly counters: object;
  /** By rule. */
  readonly detections: Readonly<Record<string, number>>;
  readonly error: string | null;
}

/**
 * Adds a line about a run to the data folder's file, from which the store has it; several processes may. It is a record, and
 * a run that is over is not undone by a full disk: where it cannot be written, the sentence says why. A folder that is not
 * there is not made.
 */
export function appendRun(path: string, entry: RunEntry): string | null {
  if (!existsSync(dirname(path))) return null;
  try {
    appendLine(path, entry);
    return null;
  } catch (error) {
    return `the run is not noted in ${path}: ${error instanceof Error ? error.message : String(error)}`;
  }
}
