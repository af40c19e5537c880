import type { EventSchema, LookupContent } from '../../engine/index.ts';
import { type EventTemplate, eventJson } from './event-template.ts';
import type { RuleTest } from './test-file.ts';

/** Start of every rule test: a Monday, so that rules about hours and weekdays are easy to test. */
export const test_start_ms = Date.UTC(2026, 0, 5);

/** What reaches the engine in a test, in the order in which it arrives. */
export type ScriptItem = ScriptRecord | { readonly kind: 'restart' } | ScriptIdle | ScriptLookup;

/** The rows of a lookup from the beginning on; it stands before all records. */
export interface ScriptLookup {
  readonly kind: 'lookup';
  readonly content: LookupContent;
}

export interface ScriptRecord {
  readonly kind: 'record';
  readonly partition: string;
  /** Event time, epoch milliseconds. */
  readonly time_ms: number;
  /** When it arrives, on the clock of the test. */
  readonly received_at: number;
  readonly bytes: Uint8Array;
  /** Line in the test file. */
  readonly line: number;
  /** It arrives later than LATENESS allows, on purpose: shuffling must not change that. */
  readonly stays: boolean;
}

export interface ScriptIdle {
  readonly kind: 'idle';
  /** Partitions that fall silent. */
  readonly partitions: readonly string[];
  /** The clock at the end of the silence. */
  readonly now_ms: number;
}

const utf8 = new TextEncoder();

/**
 * Lays the events of a test out in the order of arrival: by event time plus `late`, equal ones as they are listed.
 * A restart or a silence divides the list: what stands after it arrives after it. Ids and seq count events as they are
 * listed, so that events of one millisecond have an order that no shuffle changes.
 */
export function layOut(test: RuleTest, schema: EventSchema, lateness_ms: number): ScriptItem[] {
  const layout = new Layout(schema, lateness_ms);
  const history = test.given.history;
  if (history !== null) {
    const times = Math.floor((history.for_ms - 1) / history.every_ms) + 1;
    const from_ms = -history.for_ms;
    layout.add({ ...history, at_ms: from_ms, times, late_ms: 0, duplicate: 0, partition: 'test' });
  }
  for (const step of test.steps) {
    if (step.kind === 'event') layout.add(step);
    else if (step.kind === 'restart') layout.divide({ kind: 'restart' });
    else layout.idle(step.for_ms, step.partition);
  }
  return layout.items();
}

interface Series {
  readonly event: EventTemplate;
  readonly at_ms: number;
  readonly every_ms: number;
  readonly times: number;
  readonly late_ms: number;
  readonly duplicate: number;
  readonly partition: string;
  readonly line: number;
}

class Layout {
  readonly #schema: EventSchema;
  readonly #lateness_ms: number;
  readonly #items: ScriptItem[] = [];
  #segment: ScriptRecord[] = [];
  #clock_ms = Number.NEGATIVE_INFINITY;
  #count = 0;

  constructor(schema: EventSchema, lateness_ms: number) {
    this.#schema = schema;
    this.#lateness_ms = lateness_ms;
  }

  add(series: Series): void {
    for (let i = 0; i < series.times; i++) {
      this.#count++;
      const time_ms = test_start_ms + series.at_ms + i * series.every_ms;
      const defaults = { timestamp: time_ms, event_id: `e${String(this.#count).padStart(4, '0')}`, seq: this.#count };
      const record: ScriptRecord = {
        kind: 'record',
        partition: series.partition,
        time_ms,
        received_at: Math.max(time_ms + series.late_ms, this.#clock_ms),
        bytes: utf8.encode(eventJson(series.event, i, defaults, this.#schema)),
        line: series.line,
        stays: series.late_ms > this.#lateness_ms,
      };
      for (let copies = 0; copies <= series.duplicate; copies++) this.#segment.push(record);
    }
  }

  divide(item: ScriptItem): void {
    this.#flush();
    this.#items.push(item);
  }

  idle(for_ms: number, partition: string | null): void {
    this.#flush();
    const records = this.#items.filter((item) => item.kind === 'record');
    const partitions = partition === null ? [...new Set(records.map((record) => record.partition))] : [partition];
    this.#clock_ms = Math.max(this.#clock_ms, test_start_ms) + for_ms;
    this.#items.push({ kind: 'idle', partitions, now_ms: this.#clock_ms });
  }

  items(): ScriptItem[] {
    this.#flush();
    return this.#items;
  }

  /** Array.sort is stable: equal arrivals stay as they are listed. */
  #flush(): void {
    const sorted = this.#segment.sort((a, b) => a.received_at - b.received_at);
    for (const record of sorted) {
      this.#items.push(record);
      this.#clock_ms = Math.max(this.#clock_ms, record.received_at);
    }
    this.#segment = [];
  }
}
