import type { Contest } from './contestant.ts';
import { measure, ratio } from './measure.ts';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';

/** Events a second of event time, and of an hour: the longest window of the mixed rules. */
const RATE = 1_000;
const HOUR = 3_600 * RATE;

/**
 * Ten mixed rules over 1 M accounts: the fold alone (columns in, detections out) against the plain engine (parsed
 * objects in). Twice: where both begin with nothing, and the second half of 2 * `count` events is timed, all of them made
 * before; and as it is in an engine that runs: an hour fills the windows, events come anew, and a whole hour is timed,
 * so that everything that either engine does now and then to forget is in it. The goal is about the second: a detection
 * engine runs for weeks.
 */
export async function benchFold(report: Report, { events: count, rounds }: Settings): Promise<void> {
  await contest(report, { count, rounds, fill: null });
  // A round takes more than a minute.
  await contest(report, { count: HOUR, rounds: Math.max(1, rounds >> 1), fill: HOUR });
}

async function contest(
  report: Report,
  { count, rounds, fill }: { count: number; rounds: number; fill: number | null },
): Promise<void> {
  const events = count + (fill ?? count);
  const workload = { events, accounts: 1_000_000, addresses: 200_000, seed: 42, rate: RATE };
  const shared = { rules: { kind: 'mixed', count: 10 }, workload, ...(fill === null ? {} : { fill }) } as const;
  const contests = new Map<string, Contest>([
    ['plain engine', { engine: 'plain', ...shared }],
    ['fold', { engine: 'fold', ...shared }],
  ]);
  const [plain, fold] = await measure(contests, rounds);
  if (!plain || !fold) throw new Error('measure() gives one result per contestant');
  const state = fill === null ? `windows filling since ${count.toLocaleString('en')} events` : 'all windows full';
  report.line(`10 mixed rules, 1 M accounts, ${count.toLocaleString('en')} events, ${state}`);
  const group = `10 mixed rules, the fold alone, ${fill === null ? 'windows filling' : 'windows full'}`;
  for (const result of [plain, fold]) report.speed(group, result, count);
  report.goal('both find the same detections, evidence included', plain.text === fold.text, `${fold.detections}`);
  const times = `${ratio(plain, fold).toFixed(1)} times`;
  if (fill === null) report.line(`         the fold is ${times} as fast as the plain engine`);
  else report.goal('the fold is at least 6 times a plain streaming engine', ratio(plain, fold) >= 6, times);
}
