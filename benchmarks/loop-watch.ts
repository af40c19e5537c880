import { writeFileSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';
import { cpuTime_ms } from './cpu-time.ts';

/**
 * Stands before Weir in its process (`node --import`) and times its loop from SIGUSR2 on: a timer comes round in each turn
 * of the loop, and what lies between two of them is what a request would have waited. Time of the thread is kept beside
 * that by the clock, which on a busy machine is the neighbours' as well. At the end it is written where LOOP_WATCH says.
 */
export interface LoopTimes {
  /** Turns of the loop that were seen. */
  readonly turns: number;
  /** Longest turn, in milliseconds: by the clock, and of the thread's own time. */
  readonly longest_ms: number;
  readonly longest_cpu_ms: number;
  /** The clock's time below which 999 of 1,000 turns are. */
  readonly p999_ms: number;
  /** Longest collection, which stops the loop too. */
  readonly longest_gc_ms: number;
}

let [turns, longest_ms, longest_cpu_ms, longest_gc_ms] = [0, 0, 0, 0];
/** Turns by their length in whole milliseconds; the last place is for all that are longer. */
const by_length = new Uint32Array(10_001);

function begin(): void {
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longest_gc_ms = Math.max(longest_gc_ms, duration);
  }).observe({ entryTypes: ['gc'] });
  let [wall, cpu] = [performance.now(), cpuTime_ms()];
  setInterval(() => {
    const [now, now_cpu] = [performance.now(), cpuTime_ms()];
    turns++;
    longest_ms = Math.max(longest_ms, now - wall);
    longest_cpu_ms = Math.max(longest_cpu_ms, now_cpu - cpu);
    by_length[Math.min(by_length.length - 1, Math.floor(now - wall))]++;
    [wall, cpu] = [now, now_cpu];
  }, 1).unref();
}

function p999(): number {
  let left = turns * 0.001;
  for (let ms = by_length.length - 1; ms > 0; ms--) {
    left -= by_length[ms] as number;
    if (left < 0) return ms + 1;
  }
  return 1;
}

process.once('SIGUSR2', begin);
process.once('exit', () => {
  const times: LoopTimes = { turns, longest_ms, longest_cpu_ms, longest_gc_ms, p999_ms: p999() };
  if (process.env.LOOP_WATCH !== undefined) writeFileSync(process.env.LOOP_WATCH, JSON.stringify(times));
});
