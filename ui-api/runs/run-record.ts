import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileWhole } from '../../connectors/index.ts';

/** What a run is to do: a backtest over the log, or to derive one detection of it again. */
export interface RunParameters {
  /** Names of rules that run; null: all of them. */
  readonly rules: readonly string[] | null;
  /** A text to try instead of what the rule has; null: none. */
  readonly candidate: { readonly name: string; readonly text: string } | null;
  readonly since: string | null;
  readonly until: string | null;
  /** Judge late events as if they had been in time. */
  readonly late_include: boolean;
  /** Id of a detection to derive again, with the rule as it was then; absent: it is a backtest. */
  readonly reproduce?: string;
}

/** interrupted: Weir ended while it ran. */
export type RunState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled' | 'interrupted';

export interface RunRecord {
  readonly id: string;
  readonly state: RunState;
  readonly by: string;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly parameters: RunParameters;
  /** Plan hash of each rule that ran in it. */
  readonly plan_hashes: Readonly<Record<string, string>>;
  readonly progress: { readonly step: string; readonly read: number; readonly of: number | null } | null;
  /** What `weir backtest --summary` or `weir reproduce --format json` writes; null until it is done. */
  readonly summary: unknown;
  readonly error: string | null;
}

/** An id says when it was made, and is a safe name of a folder. */
export const runId = /^r[0-9a-z]{9}-[0-9a-f]{6}$/;

/** Writes a run's record into its folder: the new one whole, or the old one. */
export function writeRun(folder: string, run: RunRecord): void {
  writeFileWhole(join(folder, 'run.json'), [`${JSON.stringify(run)}\n`], 0o600);
}

/** The runs of a folder, in the order in which they were made; what is no run is passed over. */
export function readRuns(folder: string): RunRecord[] {
  return readdirSync(folder)
    .filter((name) => runId.test(name))
    .sort()
    .flatMap((name) => {
      try {
        return [JSON.parse(readFileSync(join(folder, name, 'run.json'), 'utf8')) as RunRecord];
      } catch {
        return [];
      }
    });
}
