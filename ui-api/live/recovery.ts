import {
  type Clock,
  Coverage,
  Engine,
  type EventLog,
  limits,
  type Program,
  type RuleCoverage,
  type SavedWorkers,
  type Snapshot,
  type WorkerParts,
} from '../../engine/index.ts';
import type { Delivery } from './delivery.ts';
import { applyFirst } from './first-lookups.ts';
import { IdleWatch } from './idle-watch.ts';
import { StoredReplay, StoredVerdicts } from './stored-verdicts.ts';

/** What a checkpoint holds; checkpoint-keeper.ts writes it. */
export interface Checkpoint {
  readonly version: number;
  readonly program_hash: string;
  /** Log entries before this position are in the state. */
  readonly position: number;
  /** Stream time that the state had reached; null before the first accepted event. */
  readonly watermark_ms: number | null;
  readonly detections_offset: number;
  /** Absent in checkpoints of earlier versions. */
  readonly aggregates_offset?: number;
  /** Of the rules of this state, and what Delivery.memory() gave. */
  readonly plan_hashes: readonly string[];
  readonly unpublished: string;
  /** Absent in checkpoints of earlier versions. */
  readonly early?: string;
  readonly watch: { readonly active: readonly string[]; readonly aside: readonly string[] };
  /** Null: other rules took over, and Weir ended before their state was written (checkpoint-keeper.ts). */
  readonly engine: Snapshot;
}

/** Increased when the form of a checkpoint changes: another one is not restored, but what it says of the past stands. */
const version = 3;

/** What a start found and did, for the screen. */
export interface RecoveryReport {
  /** 'fresh': no history. 'resumed': a checkpoint and the log after it. 'rebuilt': the whole log, see `reason`. */
  readonly kind: 'fresh' | 'resumed' | 'rebuilt';
  readonly reason: string | null;
  readonly replayed_entries: number;
  readonly ms: number;
  /** Rules that the run before did not have, or had with another meaning; [] where the state was taken up. */
  readonly new_rules: readonly NewRule[];
}

/** How far a start is that reads the log. */
export interface ReplayProgress extends Pick<RecoveryReport, 'kind' | 'reason'> {
  /** So many entries of the log are read. */
  readonly entries: number;
  /** It reads them twice: so many were read, of so many. */
  readonly read: number;
  readonly of: number;
}

/** How far back a rule that was added or changed sees: the log is read again from its beginning for it. */
export interface NewRule extends RuleCoverage {
  /** Of the first event of the log; null: there is none. */
  readonly sees_back_to_ms: number | null;
}

export function checkpointSnapshot(checkpoint: Omit<Checkpoint, 'version'>): Snapshot {
  return { version, ...checkpoint } as unknown as Snapshot;
}

/**
 * The stored tree as a checkpoint, or null when it is none. Of another version only what says how far the earlier run
 * had come may be used, and every version has it: without it all of history would be published again.
 */
export function readCheckpoint(snapshot: Snapshot | null): Checkpoint | null {
  if (snapshot === null || typeof snapshot !== 'object' || !('version' in snapshot)) return null;
  const { position, watermark_ms, detections_offset } = snapshot as unknown as Checkpoint;
  const isWhole = typeof position === 'number' && typeof detections_offset === 'number';
  if (!isWhole || (watermark_ms !== null && typeof watermark_ms !== 'number')) return null;
  return snapshot as unknown as Checkpoint;
}

/** How a checkpoint of these rules has them divided among threads; null: it has not, or has other rules. */
export function workersOf(checkpoint: Checkpoint | null, program: Program): SavedWorkers | null {
  if (checkpoint?.version !== version || checkpoint.program_hash !== program.hash) return null;
  return (checkpoint.engine as { workers?: SavedWorkers } | null)?.workers ?? null;
}

/** Early records that the run before had told and of which it had not told what became of them. */
export function openEarlyOf(checkpoint: Checkpoint | null): readonly object[] {
  return JSON.parse(checkpoint?.early ?? '[]') as object[];
}

export interface Restored {
  readonly engine: Engine;
  readonly watch: IdleWatch;
  /** Where the replay begins. */
  readonly position: number;
  /** Detections decided before this are an earlier run's and not published again. */
  readonly publish_from_ms: number;
  readonly kind: RecoveryReport['kind'];
  readonly reason: string | null;
  readonly checkpoint: Checkpoint | null;
}

/**
 * The engine as the checkpoint left it. Where there is none, or the rules are others, an empty one that reads the log
 * from its beginning: rows are derived, so a rule that was added or changed is warm at once. What it then finds in
 * events from before the checkpoint is history (`weir backtest --from log` shows it), no news: it is not published.
 */
export function restore(
  program: Program,
  checkpoint: Checkpoint | null,
  log: EventLog,
  clock: Clock,
  workers: WorkerParts | null = null,
): Restored {
  const watch = new IdleWatch(program.settings.idle_ms);
  const options = { workers };
  if (checkpoint === null) {
    const position = 0;
    const kind = log.end_position === 0 ? 'fresh' : 'rebuilt';
    const reason = kind === 'fresh' ? null : 'there is no checkpoint';
    const publish_from_ms = Number.NEGATIVE_INFINITY;
    return { engine: new Engine(program, options), watch, position, publish_from_ms, kind, reason, checkpoint };
  }
  const reason = whyNot(checkpoint, program, log);
  if (reason !== null) return rebuilt(program, checkpoint, reason, workers);
  try {
    const engine = Engine.restore(program, checkpoint.engine, { ...options, owns_snapshot: true });
    watch.restore(checkpoint.watch, clock.now_ms());
    const publish_from_ms = Number.NEGATIVE_INFINITY;
    const { position } = checkpoint;
    return { engine, watch, position, publish_from_ms, kind: 'resumed', reason: null, checkpoint };
  } catch (error) {
    return rebuilt(program, checkpoint, ofNoUse(error), workers);
  }
}

/** The same with the threads of the engine, each of which has to take up its part of the checkpoint. */
export async function restoreAll(...given: Parameters<typeof restore>): Promise<Restored> {
  const restored = restore(...given);
  try {
    await restored.engine.ready();
    return restored;
  } catch (error) {
    await restored.engine.close();
    const [program, checkpoint, , , workers = null] = given;
    if (checkpoint === null || restored.kind !== 'resumed') throw error;
    return rebuilt(program, checkpoint, ofNoUse(error), workers);
  }
}

/** Why a checkpoint cannot be taken up; null: it may be. */
function whyNot(checkpoint: Checkpoint, program: Program, log: EventLog): string | null {
  if (checkpoint.version !== version) {
    return `the checkpoint is of another version of Weir (form ${checkpoint.version}, this one has ${version})`;
  }
  if (checkpoint.program_hash !== program.hash) return 'the rules changed';
  if (checkpoint.engine === null) return 'these rules took over, and Weir ended before a checkpoint had their state';
  return checkpoint.position > log.end_position ? 'the log ends before the checkpoint: a part of it was removed' : null;
}

const ofNoUse = (error: unknown): string =>
  `the checkpoint is of no use: ${error instanceof Error ? error.message : String(error)}`;

function rebuilt(program: Program, checkpoint: Checkpoint, reason: string, workers: WorkerParts | null): Restored {
  const publish_from_ms = checkpoint.watermark_ms ?? Number.NEGATIVE_INFINITY;
  const watch = new IdleWatch(program.settings.idle_ms);
  const engine = new Engine(program, { workers });
  return { engine, watch, position: 0, publish_from_ms, kind: 'rebuilt', reason, checkpoint };
}

/** Entries between two deliveries while the log is read again. */
const deliver_every = 2048;
/** Or so many bytes of records: all of them may be rejected, and wait as dead letters. */
const deliver_bytes = 16 * 1024 * 1024;

/**
 * Reads the log from where the restored state stands to its end, and delivers what was not delivered before. Stored
 * verdicts stand (S4): a rebuild may have other stream settings than the run that gave them.
 * @param progress told at the beginning and now and then; what it throws ends the start, and the engine's threads
 */
export async function replay(...given: Parameters<typeof readLog>): Promise<RecoveryReport> {
  try {
    return await readLog(...given);
  } catch (error) {
    await given[0].engine.close();
    throw error;
  }
}

async function readLog(
  restored: Restored,
  program: Program,
  log: EventLog,
  delivery: Delivery,
  clock: Clock,
  progress: (far: ReplayProgress) => void,
): Promise<RecoveryReport> {
  const started_ms = clock.now_ms();
  const { engine, watch, position: from } = restored;
  let entries = 0;
  let bytes = 0;
  const { kind, reason } = restored;
  const all = log.end_position - from;
  const say = (read: number): void => progress({ kind, reason, entries: all, read, of: 2 * all });
  if (all > 0) say(0);
  const stored = await StoredVerdicts.read(counted(log.read(from), say));
  const coverage = new Coverage(program, restored.publish_from_ms);
  const { plan_hashes = null, unpublished = '[]', aggregates_offset = 0 } = restored.checkpoint ?? {};
  const earlier = { plan_hashes, unpublished, aggregates_offset };
  delivery.beginReplay(restored.publish_from_ms, stored, earlier, (detection) => {
    // Its rows were folded before it: there is a first event.
    coverage.warmUp(detection, engine.first_event_ms ?? detection.decided_at);
  });
  // No other rules have logged anything behind a checkpoint that has a state (checkpoint-keeper.ts): it is judged the same again.
  // Ticks that are read with other settings may leave W behind what was told since: an event there would belie it.
  const known = [
    { position: restored.checkpoint?.position ?? 0, watermark_ms: restored.publish_from_ms },
    { position: log.end_position, watermark_ms: delivery.told_until_ms },
  ];
  const replayed = restored.kind === 'rebuilt' ? new StoredReplay(engine, stored, known) : null;
  const first = from === 0 ? await applyFirst(engine, program, () => log.read(0)) : new Set<number>();
  for await (const { position, entry } of log.read(from)) {
    watch.observe(entry, clock.now_ms());
    if (first.has(position)) continue;
    if (replayed === null) engine.apply(position, entry);
    else replayed.apply(position, entry);
    if (entry.kind === 'record') bytes += entry.record.bytes.length;
    if (++entries % deliver_every === 0 || bytes >= deliver_bytes) {
      bytes = 0;
      await delivery.deliver(limits.batches_behind);
      say(all + entries);
    }
  }
  replayed?.end();
  await delivery.deliver();
  delivery.endReplay();
  await delivery.deliver();
  await engine.refreshed();
  const new_rules = newRules(restored, program, coverage);
  return { kind, reason, replayed_entries: entries, ms: clock.now_ms() - started_ms, new_rules };
}

async function* counted<T>(entries: AsyncIterable<T>, say: (read: number) => void): AsyncGenerator<T> {
  let read = 0;
  for await (const entry of entries) {
    yield entry;
    if (++read % deliver_every === 0) say(read);
  }
}

/** Of the rules whose plan the run before did not have, how far back they see (S14). */
function newRules({ kind, checkpoint, engine }: Restored, program: Program, coverage: Coverage): NewRule[] {
  if (kind !== 'rebuilt' || checkpoint === null || !Array.isArray(checkpoint.plan_hashes)) return [];
  return newRulesOf(program, new Set(checkpoint.plan_hashes), coverage, engine.first_event_ms);
}

/** @param known plan hashes that ran before */
export function newRulesOf(
  program: Program,
  known: ReadonlySet<string>,
  coverage: Coverage,
  sees_back_to_ms: number | null,
): NewRule[] {
  const added = new Set(program.operators.filter(({ plan_hash }) => !known.has(plan_hash)).map(({ name }) => name));
  // A tuned rule has an entry for each of its operators: it is as warm as the coldest of them.
  const rules = coverage.ofRules(sees_back_to_ms).filter(({ rule }) => added.has(rule));
  const coldFirst = rules.sort((a, b) => a.coverage.localeCompare(b.coverage)).reverse();
  return [...new Map(coldFirst.map((one) => [one.rule, { ...one, sees_back_to_ms }])).values()];
}
