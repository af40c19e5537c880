import { execFileSync } from 'node:child_process';

/** Memory of a whole Weir at one moment, in bytes. */
export interface MemorySample {
  readonly at_ms: number;
  /** Resident, of the process with its children but the store. */
  readonly weir: number;
  readonly store: number;
  /** Of the engine's thread: what the collector holds, and buffers outside of it. */
  readonly heap: number;
  readonly buffers: number;
  /** What the engine says that its state takes. */
  readonly state: number;
}

/** Resident memory in bytes of a process with its children, without the embedded store, and of that store. */
function residentBytes(root: number): { weir: number; store: number } {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,rss=,args=']).toString().trim().split('\n');
  const processes = lines.map((line) => {
    const [pid, parent, kilobytes, ...words] = line.trim().split(/\s+/);
    return { pid: Number(pid), parent: Number(parent), bytes: Number(kilobytes) * 1024, line: words.join(' ') };
  });
  const family = new Set([root]);
  // A child may stand before its parent.
  for (let size = 0; size < family.size; ) {
    size = family.size;
    for (const { pid, parent } of processes) if (family.has(parent)) family.add(pid);
  }
  const sum = { weir: 0, store: 0 };
  for (const { pid, bytes, line } of processes) {
    if (family.has(pid)) sum[line.includes('embedded/child') ? 'store' : 'weir'] += bytes;
  }
  return sum;
}

/** @param metrics the text of GET /v1/metrics */
export function memorySample(pid: number, metrics: string, at_ms: number): MemorySample {
  const figure = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1] ?? Number.NaN);
  return {
    at_ms,
    ...residentBytes(pid),
    heap: figure('nodejs_heap_size_total_bytes'),
    buffers: figure('nodejs_external_memory_bytes'),
    state: figure('weir_state_bytes'),
  };
}

/** The straight line through values over time that is nearest to them (least squares): its ends. */
export function trend(
  samples: readonly MemorySample[],
  partOf: (sample: MemorySample) => number,
): { readonly first: number; readonly last: number } {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const times = samples.map(({ at_ms }) => at_ms);
  const middle_ms = mean(times);
  const middle = mean(samples.map(partOf));
  const slope =
    samples.reduce((sum, sample) => sum + (sample.at_ms - middle_ms) * (partOf(sample) - middle), 0) /
    times.reduce((sum, at_ms) => sum + (at_ms - middle_ms) ** 2, 0);
  const valueAt = (at_ms: number): number => middle + slope * (at_ms - middle_ms);
  return { first: valueAt(times[0]), last: valueAt(times[times.length - 1]) };
}
