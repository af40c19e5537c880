import type { Contest } from './contestant.ts';
import { measure, ratio } from './measure.ts';
import type { Report } from './report.ts';

/**
 * Ten mixed rules over 1 M accounts: the fold alone against the plain engine, columns and parsed objects made before.
 * `count` events fill the windows, and as many are measured.
 */
export async function benchFold(report: Report, count: number, rounds: number): Promise<void> {
  const workload = { events: 2 * count, accounts: 1_000_000, addresses: 200_000, seed: 42, rate: 1_000 };
  const contests = new Map<string, Contest>([
    ['plain engine', { engine: 'plain', rules: { kind: 'mixed', count: 10 }, workload }],
    ['fold', { engine: 'fold', rules: { kind: 'mixed', count: 10 }, workload }],
  ]);
  const [plain, fold] = await measure(contests, rounds);
  if (!plain || !fold) throw new Error('measure() gives one result per contestant');
  report.line(`10 mixed rules, 1 M accounts, ${count.toLocaleString('en')} events`);
  for (const result of [plain, fold]) report.speed('10 mixed rules, the fold alone', result, count);
  report.goal('both find the same detections, evidence included', plain.text === fold.text, `${fold.detections}`);
  const faster = ratio(plain, fold);
  report.goal('the fold is at least 6 times a plain streaming engine', faster >= 6, `${faster.toFixed(1)} times`);
}
