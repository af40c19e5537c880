import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkoutOf } from './checkout.ts';
import type { Contest, RuleSet } from './contestant.ts';
import { type Measured, measureAll, median, ratios } from './measure.ts';
import type { Report } from './report.ts';

/** Share of runs in which the interval may miss what it is to hold. */
const MOST_WRONG = 0.05;

/** What is compared: by the name that the command line knows. */
function contestsOf(count: number): ReadonlyMap<string, Contest> {
  const workload = { events: 2 * count, accounts: 200_000, addresses: 200_000, seed: 42, rate: 1_000 };
  const of = (engine: 'fold' | 'whole', kind: RuleSet['kind'], rules: number): Contest => ({
    ...{ engine, rules: { kind, count: rules }, workload },
  });
  /** As in live.ts, at a size that a comparison of many rounds can wait for. */
  const wide = (engine: 'bytes' | 'live'): Contest => ({
    ...{ engine, rules: { kind: 'mixed', count: 10 }, fill: count },
    workload: { ...workload, accounts: count, addresses: 300_000, rate: 1_500, each_once: true },
  });
  return new Map<string, Contest>([
    ['fold, 10 mixed rules', { ...of('fold', 'mixed', 10), workload: { ...workload, accounts: 1_000_000 } }],
    ['fold, 100 generated rules', of('fold', 'generated', 100)],
    ['fold, 100 rules of all constructs', of('fold', 'constructs', 100)],
    ['fold, four rules over joins', of('fold', 'joins', 4)],
    ['whole engine, 10 mixed rules', of('whole', 'mixed', 10)],
    ['whole engine, 100 generated rules', of('whole', 'generated', 100)],
    ['log bytes to detections, 10 mixed rules', wide('bytes')],
    ['live, with the log on disk, 10 mixed rules', wide('live')],
  ]);
}

/**
 * What the change from `base` to this checkout did to throughput: both run each workload in turns, round by round, and
 * the ratio of each round counts, so that what neighbours take stands on both sides. Beside the median of the ratios
 * stands the interval that holds the true median in 95 of 100 runs, whatever the noise looks like (order statistics, as
 * in the sign test: David and Nagaraja, Order Statistics, 3rd ed., 7.1). A workload with a rule that the base cannot
 * compile is named and left out.
 */
export async function compareWith(base: string, report: Report, count: number, rounds: number): Promise<void> {
  const checkout = checkoutOf(base);
  try {
    report.line(`this checkout against ${base}: ${count.toLocaleString('en')} events, ${rounds} rounds in turns`);
    const programs = [
      pathToFileURL(join(checkout.folder, 'benchmarks', 'contestant.ts')),
      new URL('./contestant.ts', import.meta.url),
    ];
    for (const [name, contest] of contestsOf(count)) {
      // An older base would take it for another contest.
      const isNew = contest.engine === 'bytes' || contest.engine === 'live';
      if (isNew && !existsSync(join(checkout.folder, 'benchmarks', 'live-run.ts'))) {
        report.line(`  ${name}: not compared: ${base} cannot run it yet`);
        continue;
      }
      try {
        const [before, after] = await measureAll(
          programs.map((program, k) => ({ name: k === 0 ? base : 'here', contest, program })),
          rounds,
        );
        if (before && after) say(report, name, before, after, count);
      } catch (error) {
        report.line(`  ${name}: not compared: ${(error as Error).message}`);
      }
    }
  } finally {
    checkout.close();
  }
}

function say(report: Report, name: string, before: Measured, after: Measured, count: number): void {
  const each = ratios(before, after);
  const [low, high] = intervalOfMedian(each);
  const verdict = low > 1 ? 'faster' : high < 1 ? 'slower' : 'no difference that these rounds show';
  const speeds = [before, after].map(({ rounds_ms }) => (count / median(rounds_ms) / 1000).toFixed(2)).join(' -> ');
  const range = `${low.toFixed(2)} to ${high === Number.POSITIVE_INFINITY ? 'any' : high.toFixed(2)}`;
  report.line(`  ${name.padEnd(42)} ${speeds} M events/s, ${median(each).toFixed(2)} times (${range}): ${verdict}`);
  report.figure({ group: 'against the base', name, value: median(each), unit: 'times', rounds: each });
  if (before.detections !== after.detections) {
    report.line(`    the base finds ${before.detections} detections, this checkout ${after.detections}`);
  }
}

/** Bounds of the values' median that hold it with 95 %: two of the values; 0 and Infinity where they are fewer than six. */
export function intervalOfMedian(values: readonly number[]): [number, number] {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  // below: the chance that at most k of n values lie below the median.
  let chance = 0.5 ** n;
  let below = chance;
  let k = 0;
  while (2 * below <= MOST_WRONG) {
    k++;
    chance = (chance * (n - k + 1)) / k;
    below += chance;
  }
  return k === 0 ? [0, Number.POSITIVE_INFINITY] : [sorted[k - 1] as number, sorted[n - k] as number];
}
