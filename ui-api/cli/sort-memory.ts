import { totalmem } from 'node:os';
import { limits } from '../../engine/index.ts';

/** Of the machine's memory: what the records that are kept weigh; with their rows and texts a backtest takes three times that. */
const part = 1 / 16;
const most_bytes = 4 * 2 ** 30;

/** What a backtest keeps of its source before sorted parts go to the disk, to be read and decoded a second time. */
export interface SortMemory {
  readonly rows: number;
  readonly bytes: number;
}

/** As much as the machine has room for, and no less than the engine keeps by itself. @param total_bytes of memory */
export function sortMemory(total_bytes: number = machineBytes()): SortMemory {
  const bytes = Math.min(most_bytes, Math.max(limits.sorted_bytes, Math.floor(total_bytes * part)));
  return { bytes, rows: Math.floor((bytes / limits.sorted_bytes) * limits.sorted_rows) };
}

/** For each of several runs at once. */
export function sharedMemory({ rows, bytes }: SortMemory, runs: number): SortMemory {
  return { rows: Math.ceil(rows / runs), bytes: Math.ceil(bytes / runs) };
}

/** In a container what that may have. */
function machineBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(totalmem(), constrained) : totalmem();
}
