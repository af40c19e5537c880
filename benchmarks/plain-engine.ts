import { createHash } from 'node:crypto';
import type { WorkloadEvent } from './workload.ts';

/**
 * What a good engineer writes first: parsed objects in, one Map per rule, and per key the events of the window in an
 * array, with a Map of last times where distinct values are counted. The same meaning as Weir's (S8: rising edge of
 * SLIDING, first true event of TUMBLING) and the same results: each detection has its id, its total and its last 20
 * events. It forgets as it must where it runs for days: a rule's keys are gone through each time that its window has
 * passed, and those that it no longer reaches go, so that a Map holds at most what two windows see. The yardstick of the
 * fold's speed.
 */
export interface PlainRule {
  name: string;
  where: (event: WorkloadEvent) => boolean;
  key: (event: WorkloadEvent) => string;
  sliding: boolean;
  size_ms: number;
  least: number;
  distinct: ((event: WorkloadEvent) => string) | null;
}

interface KeyState {
  rows: WorkloadEvent[];
  last: Map<string, number>;
  window_start: number;
  fired: boolean;
  true_at: number;
}

export interface PlainDetection {
  id: string;
  rule: string;
  key: string;
  decided_at: number;
  count: number;
  total: number;
  evidence: string[];
}

export class PlainEngine {
  readonly #rules: readonly PlainRule[];
  readonly #states: Map<string, KeyState>[];
  /** By rule: the time from which on its keys are gone through again. */
  readonly #forgetsAt: number[];

  constructor(rules: readonly PlainRule[]) {
    this.#rules = rules;
    this.#states = rules.map(() => new Map());
    this.#forgetsAt = rules.map(() => Number.NEGATIVE_INFINITY);
  }

  /** Takes the next event in order; what fired is added to `out`. */
  push(event: WorkloadEvent, out: PlainDetection[]): void {
    for (let i = 0; i < this.#rules.length; i++) {
      const rule = this.#rules[i] as PlainRule;
      if (!rule.where(event)) continue;
      const states = this.#states[i] as Map<string, KeyState>;
      if (event.timestamp >= (this.#forgetsAt[i] as number)) {
        forget(states, event.timestamp - rule.size_ms);
        this.#forgetsAt[i] = event.timestamp + rule.size_ms;
      }
      const key = rule.key(event);
      let state = states.get(key);
      if (state === undefined) {
        state = { rows: [], last: new Map(), window_start: -1, fired: false, true_at: Number.NEGATIVE_INFINITY };
        states.set(key, state);
      }
      if (judge(rule, state, event)) out.push(detection(rule, key, state, event));
    }
  }
}

/** Keys without an event since then go. */
function forget(states: Map<string, KeyState>, from: number): void {
  for (const [key, { rows }] of states) {
    if ((rows.at(-1) as WorkloadEvent).timestamp < from) states.delete(key);
  }
}

/** Takes the event into the window; whether the rule fires at it. */
function judge(rule: PlainRule, state: KeyState, event: WorkloadEvent): boolean {
  const time = event.timestamp;
  if (!rule.sliding) {
    const start = time - (time % rule.size_ms);
    if (start !== state.window_start) {
      state.window_start = start;
      state.fired = false;
      state.rows.length = 0;
      state.last.clear();
    }
  }
  const from = rule.sliding ? time - rule.size_ms : state.window_start;
  const isTrue = count(rule, state, event, from) >= rule.least;
  if (!rule.sliding) {
    const fires = isTrue && !state.fired;
    state.fired ||= isTrue;
    return fires;
  }
  const fires = isTrue && state.true_at < from;
  state.true_at = isTrue ? time : Number.NEGATIVE_INFINITY;
  return fires;
}

function count(rule: PlainRule, state: KeyState, event: WorkloadEvent, from: number): number {
  const { rows } = state;
  rows.push(event);
  let gone = 0;
  while ((rows[gone] as WorkloadEvent).timestamp < from) gone++;
  if (gone > 0) rows.splice(0, gone);
  if (rule.distinct === null) return rows.length;
  const value = rule.distinct(event);
  // Re-inserting keeps the Map in order of last times, so that the oldest stand first.
  state.last.delete(value);
  state.last.set(value, event.timestamp);
  for (const [old, at] of state.last) {
    if (at >= from) break;
    state.last.delete(old);
  }
  return state.last.size;
}

function detection(rule: PlainRule, key: string, state: KeyState, event: WorkloadEvent): PlainDetection {
  const anchor = rule.sliding ? [event.timestamp, event.event_id] : [state.window_start];
  const name = JSON.stringify([rule.name, 'plan', 'default', key, anchor]);
  return {
    id: createHash('sha256').update(name).digest('hex').slice(0, 32),
    ...{ rule: rule.name, key, decided_at: event.timestamp, total: state.rows.length },
    count: rule.distinct === null ? state.rows.length : state.last.size,
    evidence: state.rows.slice(-20).map((row) => row.event_id),
  };
}
