import { readFileSync } from 'node:fs';
import { cursorsOf } from '../../../connectors/index.ts';
import { coreOf, type DetectionRecord, type Program, SortedRun, toRecord } from '../../../engine/index.ts';
import { LogHistory } from '../../../ui-api/cli/log-history.ts';
import type { LogContents } from '../../integration/log-backtest.ts';
import { type Given, given, type Life, type LivesFolder } from './lives-world.ts';

const visits = `CREATE RULE visits AS SELECT account_id, count(*) AS n FROM events
GROUP BY account_id WINDOW SESSION GAP 4 SECONDS MAX 20 SECONDS HAVING n >= 2;\n`;
const tries = (least: number): string => `CREATE RULE tries AS SELECT account_id, count(*) AS n FROM events
GROUP BY account_id WINDOW SLIDING 6 SECONDS HAVING n >= ${least};\n`;
const ends = `CREATE RULE ends AS SELECT account_id, count(*) AS n FROM events GROUP BY account_id
WINDOW TUMBLING 10 SECONDS HAVING n >= 1 EMIT AT END;\n`;

export const streams = [
  'LATENESS 1 SECONDS IDLE 2 SECONDS',
  'LATENESS 6 SECONDS IDLE 2 SECONDS DEDUP 5 SECONDS',
  'LATENESS 20 SECONDS IDLE 1 DAYS MAX AHEAD 1 SECONDS',
];
/** `visits` is in all of them: what is told of it depends on nobody's turn. */
export const rules = [visits + ends + tries(3), visits + ends + tries(2), visits + tries(3)];

export const programs: readonly (readonly Given[])[] = streams.map((stream) =>
  rules.map((text) => given(`CREATE STREAM events ${stream};\n${text}`)),
);

export function lineOf(id: string, at_ms: number, account_id: string): Uint8Array {
  const event = { event_id: id, timestamp: at_ms, platform: 'x', event_type: 'login', account_id };
  return Buffer.from(JSON.stringify(event));
}

async function* each<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}

/** What `weir backtest --from log` says, but up to this time, and of the log before this position. */
export async function backtest(
  program: Program,
  log: LogContents,
  until_ms: number,
  end: number = Number.POSITIVE_INFINITY,
): Promise<DetectionRecord[]> {
  const history = await LogHistory.read(() => cursorsOf(each(log.entries)), program);
  const run = new SortedRun(program, { until_ms });
  for (const { position, record } of log.records) if (position < end) run.add(record, history.of(position));
  const found = [...run.finish()].flat();
  return found.map((one) => JSON.parse(JSON.stringify(toRecord(program, one, { mode: 'backtest' }))));
}

export function toldIn(folder: LivesFolder): DetectionRecord[] {
  const lines = readFileSync(folder.detections, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as DetectionRecord);
}

export const watermarkOf = ({ driver }: Life): number => driver.running.engine.watermark_ms ?? Number.NEGATIVE_INFINITY;
export const decidedOf = ({ decided_at }: DetectionRecord): number => Date.parse(decided_at);
export const cores = (records: readonly DetectionRecord[]): string[] => records.map(coreOf).sort();
