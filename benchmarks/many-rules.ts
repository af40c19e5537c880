import { Dictionary } from '../engine/index.ts';
import { toBatches } from './columns.ts';
import { runFold } from './fold.ts';
import { measure, millionsPerSecond, ratio } from './measure.ts';
import { programOf } from './program.ts';
import type { Report } from './report.ts';
import { generatedRules, workload } from './workload.ts';

/** 10, 100 and 1,000 generated rules on one key: throughput of the fold alone, as parts of that of 10 rules. */
export function benchManyRules(report: Report, count: number): void {
  const events = [...workload({ events: count, accounts: 200_000, addresses: 200_000, seed: 42, rate: 10_000 })];
  const contestants = [10, 100, 1000].map((rules) => {
    const program = programOf(generatedRules(rules));
    const dictionary = new Dictionary();
    const batches = toBatches(events, program, dictionary, 1024);
    return { name: `${rules} rules`, run: () => runFold(program, dictionary, batches) };
  });
  const [ten, hundred, thousand] = measure(contestants, 5);
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
