import type { Contest, RuleSet } from './contestant.ts';
import { type Measured, measure, ratio } from './measure.ts';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';

/**
 * Parts of the throughput of 10 rules that 100 and 1,000 rules are to keep. Throughput is the engine's, from bytes to
 * detections, as in the comparison that the goals come from; what the fold alone keeps is printed beside it.
 */
interface Goals {
  readonly hundred: number;
  readonly thousand: number;
}

/** Generated rules on one key. */
export async function benchGeneratedRules(report: Report, { events: count, rounds }: Settings): Promise<void> {
  const goals = { hundred: 0.45, thousand: 0.2 };
  await compare(report, 'generated rules on one key', 'generated', 'fold', { count, rounds }, null);
  await compare(report, 'generated rules on one key', 'generated', 'whole', { count, rounds }, goals);
}

/** The mix of all constructs. */
export async function benchConstructs(report: Report, { events: count, rounds }: Settings): Promise<void> {
  const goals = { hundred: 0.4, thousand: 0.15 };
  await compare(report, 'mix of all constructs', 'constructs', 'fold', { count, rounds }, null);
  await compare(report, 'mix of all constructs', 'constructs', 'whole', { count, rounds }, goals);
}

const labels = {
  fold: 'the fold alone: columns in, detections out',
  whole: 'the whole engine: bytes of JSON in, decoder, door, fold, detections out',
};

/** 10, 100 and 1,000 rules: throughput as parts of that of 10 rules. `count` events fill the windows, as many count. */
async function compare(
  report: Report,
  title: string,
  kind: RuleSet['kind'],
  engine: 'fold' | 'whole',
  { count, rounds }: { count: number; rounds: number },
  goals: Goals | null,
): Promise<void> {
  const workload = { events: 2 * count, accounts: 200_000, addresses: 200_000, seed: 42, rate: 1_000 };
  const contests = new Map(
    [10, 100, 1000].map((rules): [string, Contest] => [
      `${rules} rules`,
      { engine, rules: { kind, count: rules }, workload },
    ]),
  );
  const [ten, hundred, thousand] = await measure(contests, rounds);
  if (!ten || !hundred || !thousand) throw new Error('measure() gives one result per contestant');
  report.line(`${title}, 200,000 accounts, ${count.toLocaleString('en')} events; ${labels[engine]}`);
  const group = `${title}, ${engine === 'fold' ? 'the fold alone' : 'the whole engine'}`;
  for (const result of [ten, hundred, thousand]) {
    report.speed(group, result, count, `, ${result.matches.toFixed(2)} matches an event`);
  }
  const part = (other: Measured) => ratio(ten, other);
  const percent = (value: number) => `${(value * 100).toFixed(0)} %`;
  report.line(`  100 rules keep ${percent(part(hundred))} of 10, 1,000 rules ${percent(part(thousand))}`);
  if (goals === null) return;
  for (const [name, goal, result] of [
    ['100 rules', goals.hundred, hundred],
    ['1,000 rules', goals.thousand, thousand],
  ] as const) {
    const kept = part(result);
    report.goal(`${title}: ${name} keep ${percent(goal)} of 10`, kept >= goal, percent(kept));
  }
}
