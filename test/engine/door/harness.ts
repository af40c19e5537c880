import { Door } from '../../../engine/door/door.ts';
import { clearBatch, emptyBatch } from '../../../engine/door/event-batch.ts';
import {
  type Batch,
  Dictionary,
  type EventSchema,
  type LogEntry,
  PlainDecoder,
  type Program,
  type SourceRecord,
  type StreamSettings,
  type Verdict,
} from '../../../engine/index.ts';

const utf8 = new TextEncoder();
const text = new TextDecoder();

const fieldTypes = { type: 'string', k1: 'string', k2: 'string', x: 'int', ip: 'string', res: 'string' } as const;

export const smallSchema: EventSchema = {
  name: 'small',
  fields: Object.entries(fieldTypes).map(([name, type]) => ({
    ...{ name, path: [name], type, aliases: [], required: false, summary: '' },
  })),
};

/** A program without rules: all that it decides is the door. One id column and one number column travel through. */
export function doorProgram(settings: Partial<StreamSettings> = {}): Program {
  return {
    settings: { lateness_ms: 50, idle_ms: 20, max_ahead_ms: 300_000, dedup_horizon_ms: 3_600_000, ...settings },
    schema: smallSchema,
    streams: [
      {
        name: 'events',
        columns: [
          { kind: 'field', name: 'k1', path: ['k1'], type: 'string', storage: 'id', conversion: 'declared' },
          { kind: 'field', name: 'x', path: ['x'], type: 'int', storage: 'number', conversion: 'declared' },
        ],
      },
    ],
    operators: [],
    hash: 'doors',
  };
}

export type Event = { timestamp: number; event_id?: string; seq?: number; tenant_id?: string } & Record<
  string,
  unknown
>;

export const now_ms = 1_000_000;

/** A record entry; an event of null is bytes that are no event. */
export function record(partition: string, position: number, event: Event | null, received_at = now_ms): LogEntry {
  return { kind: 'record', record: sourceRecord(partition, position, event, received_at) };
}

export function sourceRecord(
  partition: string,
  position: number,
  event: Event | null,
  received_at = now_ms,
): SourceRecord {
  return { partition, position, received_at, bytes: utf8.encode(JSON.stringify(event)) };
}

/** The door alone, entry by entry: what it says of each record, and what it releases in which order. */
export class DoorRun {
  readonly program: Program;
  #dictionary = new Dictionary();
  door: Door;
  /** By entry. */
  readonly verdicts: Verdict[] = [];
  readonly details: string[] = [];
  /** What judge() said at once. */
  readonly answers: Verdict[] = [];
  /** Ids in the order of release. */
  readonly released: string[] = [];
  readonly releasedTimes: number[] = [];
  readonly #batch: Batch;
  #entries = 0;

  constructor(program: Program) {
    this.program = program;
    this.door = this.#newDoor();
    this.#batch = emptyBatch(program, 4);
  }

  #newDoor(): Door {
    const { schema, streams } = this.program;
    return new Door(this.program, new PlainDecoder(schema, streams[0].columns, this.#dictionary), this.#dictionary);
  }

  apply(entry: LogEntry): this {
    const position = this.#entries++;
    const { watermark } = this.door;
    if (entry.kind === 'record') this.answers[position] = this.door.judge(position, entry.record);
    else if (entry.kind === 'idle') watermark.stepAside(entry.partition);
    else if (entry.kind === 'back') watermark.comeBack(entry.partition);
    else if (entry.kind === 'tick') watermark.tick(entry.now_ms);
    else if (entry.kind === 'end') watermark.end();
    return this;
  }

  advance(): this {
    for (let more = true; more; ) {
      clearBatch(this.#batch);
      more = this.door.release(this.#batch, 4);
      const { count, idStart, idBytes, time } = this.#batch;
      for (let i = 0; i < count; i++) {
        this.released.push(text.decode(idBytes.subarray(idStart[i], idStart[i + 1])));
        this.releasedTimes.push(time[i]);
      }
    }
    for (const { position, verdict, detail } of this.door.takeVerdicts()) {
      if (this.verdicts[position] !== undefined) throw new Error(`entry ${position} has two verdicts`);
      this.verdicts[position] = verdict;
      this.details[position] = detail;
    }
    return this;
  }

  restart(): this {
    const saved = structuredClone({ dictionary: this.#dictionary.snapshot(), door: this.door.snapshot() });
    this.#dictionary = Dictionary.restore(saved.dictionary);
    this.door = this.#newDoor();
    this.door.restore(saved.door);
    return this;
  }

  all(entries: readonly LogEntry[]): this {
    for (const entry of entries) this.apply(entry).advance();
    return this;
  }

  end(): this {
    return this.apply({ kind: 'end' }).advance();
  }
}
