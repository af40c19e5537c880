import type { Contest } from './contestant.ts';
import { measure, millionsPerSecond, ratio } from './measure.ts';
import type { Report } from './report.ts';

/** 10, 100 and 1,000 generated rules on one key: throughput of the fold alone, as parts of that of 10 rules. */
export async function benchManyRules(report: Report, count: number): Promise<void> {
  const workload = { events: 2 * count, accounts: 200_000, addresses: 200_000, seed: 42, rate: 1_000 };
  const contests = new Map(
    [10, 100, 1000].map((rules): [string, Contest] => [`${rules} rules`, { engine: 'fold', rules, workload }]),
  );
  const [ten, hundred, thousand] = await measure(contests, 4);
  if (!ten || !hundred || !thousand) throw new Error('measure() gives one result per contestant');
  report.line(`generated rules on one key, 200,000 accounts, ${count.toLocaleString('en')} events`);
  for (const result of [ten, hundred, thousand]) {
    const speed = millionsPerSecond(result, count);
    report.line(`  ${result.name.padStart(10)} ${speed} M events/s, ${result.detections} detections`);
  }
  const part = (other: typeof ten) => ratio(ten, other) * 100;
  report.goal('100 rules keep 45 % of the throughput of 10', part(hundred) >= 45, `${part(hundred).toFixed(0)} %`);
  report.goal('1,000 rules keep 20 % of the throughput of 10', part(thousand) >= 20, `${part(thousand).toFixed(0)} %`);
}
