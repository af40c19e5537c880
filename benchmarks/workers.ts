import { availableParallelism } from 'node:os';
import type { Contest } from './contestant.ts';
import { type Measured, measure, median, ratio } from './measure.ts';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';

/** More threads than that are of use to nobody's rules here. */
const most_threads = 4;

/**
 * `weir run --workers`: 10, 100 and 1,000 rules of the mix by one thread and by one for each processor, by the clock, because
 * that is what threads are for. They must find the same.
 */
export async function benchWorkers(report: Report, { events: count, rounds }: Settings): Promise<void> {
  const threads = Math.max(2, Math.min(most_threads, availableParallelism()));
  report.line(
    `mix of all constructs by one thread and by ${threads}, ${count.toLocaleString('en')} events; bytes to detections, by the clock`,
  );
  const workload = { events: 2 * count, accounts: 200_000, addresses: 200_000, seed: 42, rate: 1_000 };
  for (const rules of [10, 100, 1000]) {
    const contest = (workers: number): Contest => ({
      ...{ engine: 'workers', rules: { kind: 'constructs', count: rules }, workload, workers },
    });
    const contests = new Map([
      [`${rules} rules, one thread`, contest(1)],
      [`${rules} rules, ${threads} threads`, contest(threads)],
    ]);
    const [one, several] = await measure(contests, rounds);
    if (!one || !several) throw new Error('measure() gives one result per contestant');
    for (const result of [one, several]) {
      const cpu_us = (median(result.rounds.map(({ process_ms = 0 }) => process_ms)) / count) * 1000;
      report.speed('mix of all constructs, threads', result, count, `, ${cpu_us.toFixed(1)} CPU us an event`);
    }
    report.line(`  ${rules} rules: ${ratio(one, several).toFixed(2)} times`);
    report.goal(`${rules} rules by ${threads} threads find what one finds`, isSame(one, several), foundText(several));
  }
}

const isSame = (one: Measured, several: Measured): boolean => one.text === several.text && one.text !== '';
const foundText = ({ detections }: Measured): string => `${detections.toLocaleString('en')} detections`;
