import type { WorkloadEvent } from './workload.ts';

/**
 * What a good engineer writes first: parsed objects in, one Map per rule, an array of times (or a Map of last times
 * for distinct counts) per key. The same meaning as Weir's (S8: rising edge of SLIDING, first true event of TUMBLING),
 * and the yardstick of the fold's speed.
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
  times: number[];
  last: Map<string, number>;
  window_start: number;
  fired: boolean;
  true_at: number;
}

export class PlainEngine {
  readonly #rules: readonly PlainRule[];
  readonly #states: Map<string, KeyState>[];
  detections = 0;

  constructor(rules: readonly PlainRule[]) {
    this.#rules = rules;
    this.#states = rules.map(() => new Map());
  }

  push(event: WorkloadEvent): void {
    for (let i = 0; i < this.#rules.length; i++) {
      const rule = this.#rules[i] as PlainRule;
      if (!rule.where(event)) continue;
      const states = this.#states[i] as Map<string, KeyState>;
      const key = rule.key(event);
      let state = states.get(key);
      if (state === undefined) {
        state = { times: [], last: new Map(), window_start: -1, fired: false, true_at: Number.NEGATIVE_INFINITY };
        states.set(key, state);
      }
      this.#judge(rule, state, event);
    }
  }

  #judge(rule: PlainRule, state: KeyState, event: WorkloadEvent): void {
    const time = event.timestamp;
    if (!rule.sliding) {
      const start = time - (time % rule.size_ms);
      if (start !== state.window_start) {
        state.window_start = start;
        state.fired = false;
        state.times.length = 0;
        state.last.clear();
      }
    }
    const from = rule.sliding ? time - rule.size_ms : state.window_start;
    const isTrue = count(rule, state, event, from) >= rule.least;
    if (rule.sliding) {
      if (isTrue && state.true_at < from) this.detections++;
      state.true_at = isTrue ? time : Number.NEGATIVE_INFINITY;
    } else if (isTrue && !state.fired) {
      state.fired = true;
      this.detections++;
    }
  }
}

function count(rule: PlainRule, state: KeyState, event: WorkloadEvent, from: number): number {
  if (rule.distinct === null) {
    const { times } = state;
    times.push(event.timestamp);
    let gone = 0;
    while ((times[gone] as number) < from) gone++;
    if (gone > 0) times.splice(0, gone);
    return times.length;
  }
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
