import {
  type Detection,
  type DoorCounters,
  type EarlyNote,
  Engine,
  type LogEntry,
  type Program,
} from '../../engine/index.ts';
import type { ScriptRecord } from './script.ts';
import type { Variant } from './variants.ts';

/** What one run of a test gave. */
export interface DriveResult {
  readonly detections: readonly Detection[];
  /** EMIT EARLY: what left on arrival and what became of it, as it came (S5). */
  readonly early: readonly EarlyNote[];
  readonly counters: Readonly<DoorCounters>;
  /** Records that were not accepted, in the order of arrival, with the reason. */
  readonly turned_away: readonly TurnedAway[];
}

export interface TurnedAway {
  readonly record: ScriptRecord;
  readonly verdict: 'duplicate' | 'late' | 'rejected';
  readonly detail: string;
}

/** Runs one variant of a test through the live engine, entry by entry as the log would hold them, to the end. */
export function drive(program: Program, variant: Variant): DriveResult {
  const run = new Run(program, variant.batch_rows);
  let since_restart = 0;
  for (const item of variant.items) {
    if (item.kind === 'record') {
      run.record(item);
      since_restart++;
      if (variant.restart_every > 0 && since_restart >= variant.restart_every) {
        run.restart();
        since_restart = 0;
      }
    } else if (item.kind === 'restart') {
      run.restart();
    } else if (item.kind === 'lookup') {
      const { name, version, bytes } = item.content;
      run.apply({ kind: 'lookup', name, from_ms: Number.NEGATIVE_INFINITY, version, bytes });
    } else {
      for (const partition of item.partitions) run.idle(partition);
      run.apply({ kind: 'tick', now_ms: item.now_ms });
    }
  }
  return run.finish();
}

class Run {
  readonly #program: Program;
  readonly #options: { readonly batch_rows: number };
  #engine: Engine;
  readonly #detections: Detection[] = [];
  readonly #early: EarlyNote[] = [];
  readonly #turned_away: TurnedAway[] = [];
  /** By log position. */
  readonly #records = new Map<number, ScriptRecord>();
  readonly #known = new Set<string>();
  readonly #aside = new Set<string>();
  #position = 0;

  constructor(program: Program, batch_rows: number) {
    this.#program = program;
    this.#options = { batch_rows };
    this.#engine = new Engine(program, this.#options);
  }

  record(item: ScriptRecord): void {
    const { partition, received_at, bytes } = item;
    if (this.#aside.delete(partition)) this.apply({ kind: 'back', partition });
    this.#known.add(partition);
    this.#records.set(this.#position, item);
    this.apply({ kind: 'record', record: { partition, position: this.#position, received_at, bytes } });
  }

  idle(partition: string): void {
    if (!this.#known.has(partition) || this.#aside.has(partition)) return;
    this.#aside.add(partition);
    this.apply({ kind: 'idle', partition });
  }

  apply(entry: LogEntry): void {
    this.#engine.apply(this.#position++, entry);
    const { verdicts, detections, early } = this.#engine.advance();
    for (const { position, verdict, detail } of verdicts) {
      const record = this.#records.get(position);
      if (record !== undefined && verdict !== 'accepted') this.#turned_away.push({ record, verdict, detail });
    }
    // One by one: an entry may decide more of them than a call may have arguments.
    for (const detection of detections) this.#detections.push(detection);
    for (const one of early) this.#early.push(one);
  }

  /** A stop and a start: a new engine from a deep copy of the snapshot, as if it had been written and read. */
  restart(): void {
    this.#engine = Engine.restore(this.#program, structuredClone(this.#engine.snapshot()), this.#options);
  }

  finish(): DriveResult {
    this.apply({ kind: 'end' });
    const { counters } = this.#engine;
    return { detections: this.#detections, early: this.#early, counters, turned_away: this.#turned_away };
  }
}
