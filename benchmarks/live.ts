import type { Contest } from './contestant.ts';
import { type Measured, measure, median, ratio } from './measure.ts';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';

/** Events a second of event time, as in the comparison that the goals come from. */
const RATE = 1_500;

/**
 * Ten mixed rules, events of 373 bytes. Each account has one event first, in an order that is no order; then `events` by
 * Zipf are timed. Three take the same bytes in turns: the plain engine behind JSON.parse, the engine from the bytes of its
 * log to detections, and a whole Weir that validates, logs to disk, judges and publishes. All three must find the same.
 */
export async function benchLive(report: Report, { events, rounds, keys }: Settings): Promise<void> {
  const options = { events: keys + events, accounts: keys, addresses: 300_000, seed: 42, rate: RATE, each_once: true };
  const contest = (engine: Contest['engine']): Contest => ({
    ...{ engine, rules: { kind: 'mixed', count: 10 }, workload: options, fill: keys },
  });
  const contestants = new Map([
    ['plain engine', contest('plain bytes')],
    ['log to detections', contest('bytes')],
    ['live', contest('live')],
  ]);
  const [plain, bytes, live] = await measure(contestants, rounds);
  if (!plain || !bytes || !live) throw new Error('measure() gives one result per contestant');
  const counts = `${keys.toLocaleString('en')} accounts, ${events.toLocaleString('en')} events`;
  report.line(`10 mixed rules, ${counts} of ${plain.matches.toFixed(0)} bytes; time of the thread that judges`);
  const group = '10 mixed rules, from bytes';
  for (const result of [plain, bytes, live]) report.speed(group, result, events);
  sayLive(report, live, events);
  const same = plain.text === bytes.text && bytes.text === live.text;
  report.goal('all three find the same detections, evidence included', same, `${bytes.detections}`);
  const speed = (result: Measured): number => events / median(result.rounds_ms) / 1000;
  const shown = (result: Measured): string => `${speed(result).toFixed(2)} M events/s`;
  report.goal('log bytes to detections, one core: 2 M events/s', speed(bytes) >= 2, shown(bytes));
  const times = ratio(plain, bytes);
  report.goal('that is 10 times the plain engine fed the same bytes', times >= 10, `${times.toFixed(1)} times`);
  report.goal('the same live, validated and logged: 1.2 M events/s', speed(live) >= 1.2, shown(live));
}

function sayLive(report: Report, { rounds }: Measured, events: number): void {
  const speed = (part: 'process_ms' | 'wall_ms'): string =>
    (events / median(rounds.map((round) => round[part] ?? Number.NaN)) / 1000).toFixed(2);
  report.line(
    `         live, with its files' threads and the collector: ${speed('process_ms')} M events per CPU second`,
  );
  report.line(`         live, by the clock of this machine: ${speed('wall_ms')} M events/s`);
}
