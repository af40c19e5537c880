import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { cursorsOf } from '../../../connectors/index.ts';
import { coreOf, type DetectionRecord, type Program, SortedRun, toRecord } from '../../../engine/index.ts';
import { LogHistory } from '../../../ui-api/cli/log-history.ts';
import { type LogContents, readLog } from '../../integration/log-backtest.ts';
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

/** The loop is done with what was sent, and looks at the clock a quarter of a second later. */
const told_ms = 10;

export type Step =
  | {
      readonly step: 'send';
      readonly after_ms: number;
      readonly back_ms: number;
      readonly account: string;
      readonly to: string;
      readonly twin: boolean;
    }
  | { readonly step: 'checkpoint' }
  | { readonly step: 'quiet'; readonly ms: number }
  | { readonly step: 'deploy'; readonly rules: number }
  | {
      readonly step: 'restart';
      readonly how: 'stop' | 'kill' | 'power';
      readonly isSettled: boolean;
      /** What was sent last is told, and its verdicts are not in the log yet. */
      readonly isTold: boolean;
      readonly isDamaged: boolean;
      readonly stream: number;
      readonly rules: number;
    };

const send = fc.record({
  step: fc.constant('send' as const),
  after_ms: fc.integer({ min: 0, max: 3000 }),
  back_ms: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 9000 })),
  account: fc.constantFrom('a', 'b'),
  to: fc.constantFrom('p', 'q'),
  twin: fc.nat(6).map((n) => n === 0),
});
const ruleSet = fc.nat(rules.length - 1);
const restart = fc.record({
  step: fc.constant('restart' as const),
  how: fc.constantFrom('stop' as const, 'kill' as const, 'kill' as const, 'power' as const),
  isSettled: fc.boolean(),
  isTold: fc.boolean(),
  isDamaged: fc.nat(4).map((n) => n === 0),
  stream: fc.nat(streams.length - 1),
  rules: ruleSet,
});
export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { arbitrary: send, weight: 16 },
    { arbitrary: restart, weight: 2 },
    { arbitrary: fc.constant({ step: 'checkpoint' as const }), weight: 1 },
    {
      arbitrary: fc.record({ step: fc.constant('quiet' as const), ms: fc.integer({ min: 1000, max: 9000 }) }),
      weight: 1,
    },
    { arbitrary: fc.record({ step: fc.constant('deploy' as const), rules: ruleSet }), weight: 1 },
  ),
  { minLength: 1, maxLength: 50, size: 'max' },
);

/** A stretch of stream time in which the loop of these rules told everything. */
interface Turn {
  readonly program: Program;
  readonly from_ms: number;
  readonly until_ms: number;
  /** Where the log ended then. */
  readonly end: number;
}

interface Played {
  readonly turns: readonly Turn[];
  /** All that ran; the turn of those that were killed in the middle of their work is not among the turns. */
  readonly ran: ReadonlySet<Program>;
}

/** Plays the steps and an orderly end. */
export async function play(folder: LivesFolder, drawn: readonly Step[]): Promise<Played> {
  const turns: Turn[] = [];
  const ran = new Set<Program>();
  let [stream, set] = [0, 0];
  let life = await folder.start(programs[stream][set]);
  let from_ms = Number.NEGATIVE_INFINITY;
  let sent = 0;
  const begins = () => {
    ran.add(life.driver.running.program);
    from_ms = watermarkOf(life);
  };
  begins();
  const over = async () => {
    await folder.settled(life);
    turns.push({
      ...{ program: life.driver.running.program, from_ms },
      ...{ until_ms: watermarkOf(life), end: life.log.end_position },
    });
  };
  for (const one of drawn) {
    if (one.step === 'send') {
      folder.clock.advance(one.after_ms);
      const id = `e${one.twin ? sent : ++sent}`;
      await life.driver.submit(one.to, [lineOf(id, folder.clock.now_ms() - one.back_ms, one.account)]);
    } else if (one.step === 'checkpoint') await folder.checkpointed(life);
    else if (one.step === 'quiet') {
      folder.clock.advance(one.ms);
      await folder.settled(life);
    } else if (one.step === 'deploy') {
      await over();
      set = one.rules;
      await folder.deploy(life, programs[stream][set]);
      begins();
    } else {
      if (one.isSettled || one.how === 'stop') await over();
      else if (one.isTold) await sleep(told_ms);
      await folder.end(life, one.how);
      if (one.isDamaged) folder.damageCheckpoints(1);
      [stream, set] = [one.stream, one.rules];
      life = await folder.start(programs[stream][set]);
      begins();
    }
  }
  await over();
  await folder.end(life, 'stop');
  return { turns, ran };
}

/** Holds what was told in all against backtests of the log by each of the rules that ran. */
export async function check(folder: LivesFolder, { turns, ran }: Played): Promise<DetectionRecord[]> {
  const told = toldIn(folder);
  assert.equal(new Set(told.map(({ id }) => id)).size, told.length, 'a detection stands twice');
  const texts = new Set(told.map(coreOf));
  const log = await readLog(folder.log_directory);
  const last = turns[turns.length - 1];
  const possible = new Set<string>();
  for (const program of ran) {
    const found = await backtest(program, log, Number.POSITIVE_INFINITY);
    for (const record of found) possible.add(coreOf(record));
    for (const { from_ms, until_ms, end } of turns.filter((turn) => turn.program === program)) {
      const due = (await backtest(program, log, until_ms, end)).filter((record) => decidedOf(record) >= from_ms);
      const lost = due.map(coreOf).filter((text) => !texts.has(text));
      assert.deepEqual(lost, [], `in its turn, from ${from_ms} until ${until_ms}, this was not told`);
    }
  }
  const wrong = [...texts].filter((text) => !possible.has(text));
  assert.deepEqual(wrong, [], 'a backtest of the log does not find this');
  const always = (records: readonly DetectionRecord[]) => cores(records.filter(({ rule }) => rule === 'visits'));
  assert.deepEqual(always(told), always(await backtest(last.program, log, last.until_ms)));
  return told;
}
