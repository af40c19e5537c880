import type { Contest } from './contestant.ts';
import { measure, millionsPerSecond, ratio } from './measure.ts';
import type { Report } from './report.ts';

/**
 * Ten mixed rules over 1 M accounts: the fold alone against the plain engine, columns and parsed objects made before.
 * `count` events fill the windows, and as many are measured.
 */
export async function benchFold(report: Report, count: number): Promise<void> {
  const workload = { events: 2 * count, accounts: 1_000_000, addresses: 200_000, seed: 42, rate: 1_000 };
  const contests = new Map<string, Contest>([
    ['plain engine', { engine: 'plain', rules: { kind: 'mixed', count: 10 }, workload }],
    ['fold', { engine: 'fold', rules: { kind: 'mixed', count: 10 }, workload }],
  ]);
  const [plain, fold] = await measure(contests, 4);
  if (!plain || !fold) throw new Error('measure() gives one result per contestant');
  report.line(`10 mixed rules, 1 M accounts, ${count.toLocaleString('en')} events`);
  report.line(`  plain engine ${millionsPerSecond(plain, count)} M events/s, ${plain.detections} detections`);
  report.line(`  fold         ${millionsPerSecond(fold, count)} M events/s, ${fold.detections} detections`);
  report.goal('both find the same detections, evidence included', plain.text === fold.text, `${fold.detections}`);
  const faster = ratio(plain, fold);
  report.goal('the fold is at least 6 times a plain streaming engine', faster >= 6, `${faster.toFixed(1)} times`);
}
