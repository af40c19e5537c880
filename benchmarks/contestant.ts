import { type Batch, Dictionary, type Program } from '../engine/index.ts';
import { toBatches } from './columns.ts';
import { constructRules } from './construct-rules.ts';
import { cpuTime_ms } from './cpu-time.ts';
import { foldDetections } from './fold-run.ts';
import { joinRules } from './joins.ts';
import { foldLine, plainLine } from './lines.ts';
import { mixedRules } from './mixed-rules.ts';
import { PlainEngine } from './plain-engine.ts';
import { programOf } from './program.ts';
import { foldTaker, plainTaker, runStream } from './stream-run.ts';
import { Records, runWhole } from './whole-run.ts';
import { generatedRules, type WorkloadEvent, type WorkloadOptions, workload } from './workload.ts';

/** What a contestant's process is told to measure. */
export interface Contest {
  /** 'fold': columns in, detections out. 'whole': bytes of JSON in, through the decoder and the door. */
  engine: 'plain' | 'fold' | 'whole';
  rules: RuleSet;
  workload: WorkloadOptions;
  /** Of the fold; absent: hot. */
  form?: 'hot' | 'judge';
  /** Events come anew, as from a stream, and so many fill the windows; absent: all are made before, and half fill them. */
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
}

type Run = (describe: boolean) => Round;

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
    const { engine, ...round } = runWhole(program, records);
    keepFirst(engine);
    return { ...round, text: null };
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
process.on('message', (message: Contest | { describe: boolean }) => {
  if ('engine' in message) {
    run = prepare(message);
    process.send?.('ready');
    return;
  }
  globalThis.gc?.();
  process.send?.(run?.(message.describe));
});
