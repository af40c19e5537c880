import { type Batch, Dictionary, type Program } from '../engine/index.ts';
import { runPlainBytes } from './bytes-run.ts';
import { toBatches } from './columns.ts';
import { constructRules } from './construct-rules.ts';
import { cpuTime_ms } from './cpu-time.ts';
import { foldDetections } from './fold-run.ts';
import { joinRules } from './joins.ts';
import { foldLine, plainLine } from './lines.ts';
import { runLive } from './live-run.ts';
import { mixedRules } from './mixed-rules.ts';
import { PlainEngine } from './plain-engine.ts';
import { programOf } from './program.ts';
import { Records } from './records.ts';
import { foldTaker, plainTaker, runStream } from './stream-run.ts';
import { runWhole } from './whole-run.ts';
import { wideEvents } from './wide-events.ts';
import { runWithWorkers } from './workers-run.ts';
import { generatedRules, type WorkloadEvent, type WorkloadOptions, workload } from './workload.ts';

/** What a contestant's process is told to measure. */
export interface Contest {
  /**
   * 'fold': columns in, detections out. 'whole': bytes of JSON in, through the decoder and the door. Of wide events: 'plain
   * bytes', behind JSON.parse; 'bytes', the same as 'whole'; 'live', a whole Weir with its log on disk. 'workers': 'whole' with
   * threads, by the clock.
   */
  engine: 'plain' | 'fold' | 'whole' | 'plain bytes' | 'bytes' | 'live' | 'workers';
  rules: RuleSet;
  workload: WorkloadOptions;
  /** Of the fold; absent: hot. */
  form?: 'hot' | 'judge';
  /** Of 'workers': threads that judge. */
  workers?: number;
  /** So many events fill the windows; plain and fold: all come anew, as from a stream. Absent: half, all made before. */
  fill?: number;
}

export interface RuleSet {
  kind: 'mixed' | 'generated' | 'constructs' | 'joins';
  /** Rules; of the mixed ones there are ten, of those over joins four. */
  count: number;
}

/** One run's answer: the time of the second half of the events. The text of all detections only where it was asked for. */
export interface Round {
  took_ms: number;
  detections: number;
  /** Rules whose WHERE an event passes, on average. */
  matches: number;
  text: string | null;
  /** Of a whole Weir: time of the whole process, and by the clock. */
  process_ms?: number;
  wall_ms?: number;
}

type Run = (describe: boolean) => Round | Promise<Round>;

/**
 * The first round's engine stays: compiled code that knows objects of an engine is thrown away when the last one that it
 * knows is collected, so that every round would begin with code that is not compiled yet, as no running engine does.
 */
const kept: object[] = [];

function keepFirst(engine: object): void {
  if (kept.length === 0) kept.push(engine);
}

/**
 * A process of its own for every contestant: the plain engine's objects would otherwise be walked by the garbage
 * collector on the fold's time, and the other way round. Answers each message with one timed run from an empty state.
 */
function prepare(contest: Contest): Run {
  if (contest.engine === 'bytes' || contest.engine === 'plain bytes' || contest.engine === 'live') {
    return prepareBytes(contest, contest.fill ?? contest.workload.events >> 1);
  }
  if (contest.engine === 'workers') return prepareWorkers(contest);
  if (contest.fill !== undefined) return prepareStream(contest, contest.fill);
  if (contest.engine === 'plain') return preparePlain(contest);
  return contest.engine === 'fold' ? prepareFold(contest) : prepareWhole(contest);
}

function preparePlain(contest: Contest): Run {
  const events = [...workload(contest.workload)];
  return (describe) => {
    const engine = new PlainEngine(mixedRules.map((rule) => rule.plain));
    const found: Parameters<PlainEngine['push']>[1] = [];
    const half = events.length >> 1;
    for (let i = 0; i < half; i++) engine.push(events[i] as WorkloadEvent, found);
    const started = cpuTime_ms();
    for (let i = half; i < events.length; i++) engine.push(events[i] as WorkloadEvent, found);
    const took_ms = cpuTime_ms() - started;
    keepFirst(engine);
    const lines = describe ? found.map(plainLine) : null;
    return { took_ms, detections: found.length, matches: 0, text: lines?.sort().join('\n') ?? null };
  };
}

function prepareFold(contest: Contest): Run {
  const { rules, form = 'hot' } = contest;
  const program = programOf(rulesOf(rules));
  const dictionary = new Dictionary();
  const batches = columnsOf(contest.workload, program, dictionary);
  return (describe) => {
    const lines: string[] | null = describe ? [] : null;
    let detections = 0;
    const { took_ms, passed, fold } = foldDetections(program, dictionary, batches, form, (found) => {
      detections += found.length;
      for (const detection of lines === null ? [] : found) lines?.push(foldLine(detection));
    });
    keepFirst(fold);
    const matches = passed / contest.workload.events;
    return { took_ms, detections, matches, text: lines?.sort().join('\n') ?? null };
  };
}

/** Here a small engine is kept: a large one of the plain kind would be walked by the collector all the time. */
function prepareStream({ engine, rules, workload: options }: Contest, fill: number): Run {
  const program = programOf(rulesOf(rules));
  const begin = () => (engine === 'plain' ? plainTaker() : foldTaker(program));
  const small = begin();
  runStream(small, { ...options, events: 20_000 }, 0, false);
  keepFirst(small);
  return (describe) => runStream(begin(), options, fill, describe);
}

function prepareWhole(contest: Contest): Run {
  const program = programOf(rulesOf(contest.rules));
  const records = new Records(workload(contest.workload), contest.workload.events);
  return () => {
    let detections = 0;
    const { engine, took_ms, matches } = runWhole(program, records, records.count >> 1, (found) => {
      detections += found.length;
    });
    keepFirst(engine);
    return { took_ms, matches, detections, text: null };
  };
}

function prepareWorkers({ rules, workload: options, workers = 1 }: Contest): Run {
  const text = rulesOf(rules);
  const program = programOf(text);
  const records = new Records(workload(options), options.events);
  return async (describe) => {
    const lines: string[] | null = describe ? [] : null;
    let detections = 0;
    const took = await runWithWorkers(program, text, workers, records, records.count >> 1, (found) => {
      detections += found.length;
      for (const detection of lines === null ? [] : found) lines?.push(foldLine(detection));
    });
    return { ...took, detections, text: lines?.join('\n') ?? null };
  };
}

/** Wide events, made before. `matches` is the mean length of an event in bytes. */
function prepareBytes({ engine, rules, workload: options }: Contest, from: number): Run {
  const stream = 'CREATE STREAM events LATENESS 1 SECONDS IDLE 1 SECONDS;';
  const program = programOf([stream, ...rulesOf(rules)]);
  const records = new Records(wideEvents(workload(options)), options.events);
  const last_ms = Date.UTC(2026, 0, 15, 8) + (options.events * 1000) / options.rate;
  const run = async (): Promise<{ took_ms: number; found: readonly string[]; engine?: object }> => {
    if (engine === 'live') return runLive(program, records, from, last_ms);
    if (engine === 'plain bytes') return runPlainBytes(records, from);
    const found: string[] = [];
    const whole = runWhole(program, records, from, (some) => {
      for (const detection of some) found.push(foldLine(detection));
    });
    return { ...whole, found };
  };
  return async (describe) => {
    const { found, engine: ran, ...took } = await run();
    if (ran !== undefined) keepFirst(ran);
    const text = describe ? [...found].sort().join('\n') : null;
    return { ...took, detections: found.length, matches: records.byte_count / records.count, text };
  };
}

function rulesOf({ kind, count }: RuleSet): readonly string[] {
  if (kind === 'joins') return joinRules;
  if (kind === 'mixed') return mixedRules.map((rule) => rule.sql);
  return kind === 'generated' ? generatedRules(count) : constructRules(count);
}

/** The workload as batches, made a part at a time: no event object is left when it is measured. */
function columnsOf(options: WorkloadOptions, program: Program, dictionary: Dictionary): Batch[] {
  const batches: Batch[] = [];
  let part = [];
  for (const event of workload(options)) {
    part.push(event);
    if (part.length < 65_536) continue;
    batches.push(...toBatches(part, program, dictionary, 1024));
    part = [];
  }
  if (part.length > 0) batches.push(...toBatches(part, program, dictionary, 1024));
  return batches;
}

let run: Run | null = null;
process.on('message', async (message: Contest | { describe: boolean }) => {
  if ('engine' in message) {
    run = prepare(message);
    process.send?.('ready');
    return;
  }
  globalThis.gc?.();
  process.send?.(await run?.(message.describe));
});
