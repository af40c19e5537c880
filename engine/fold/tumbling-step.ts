import { feedPayload, heldFrom } from '../operators/bounds.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import { SEGMENT_BITS, SEGMENT_MASK } from '../state/records.ts';
import { STATE_HEADER, STATE_STALE, STATE_TRUE } from '../state/state-table.ts';
import type { Emission } from './emission.ts';
import type { StepWork } from './step-work.ts';

/**
 * HOT. TUMBLING that is decided at the first event that makes HAVING true (S8). Without a state the operator is looked
 * at only when so many rows have come that HAVING may be true; once it was, it sleeps to the window's end.
 */
export class TumblingStep {
  readonly #work: StepWork;

  constructor(work: StepWork) {
    this.#work = work;
  }

  /** Row i of the stream was stored as `row`, the newest of its key, and is one of the operator's. */
  take(local: number, block: number, rows: StreamRows, i: number, key: number, row: number, out: Emission[]): void {
    const work = this.#work;
    const { operators, blocks, states, window } = work.parts;
    const operator = operators[local];
    const { bounds, size_ms, enough } = operator;
    const time = rows.time[i];
    const start = Math.floor(time / size_ms) * size_ms;
    const state = blocks.getState(block, local);
    work.parts.judgement.continues = false;
    if (state !== 0) {
      if (this.#follow(local, state, rows, i, key, row, start, out)) this.#decided(local, block, state, start);
      return;
    }
    blocks.setUntil(block, local, Number.NEGATIVE_INFINITY);
    work.collect(local, key, 0, start, enough);
    work.fill(local, work.scratch, 0, start);
    if (heldFrom(bounds, work.scratch, 0, start) !== Number.NEGATIVE_INFINITY) {
      const emission = work.judge(local, rows, i, key, start, start + size_ms);
      if (emission !== null) {
        out.push(emission);
        if (operator.every) states.setTrue(local, this.#keep(local, block), start);
        else this.#decided(local, block, state, start);
        return;
      }
    }
    // `left` rows of this window decide an exact count; the rows of the next window are fewer than those counted here.
    const left = bounds.least_rows - window.count;
    if (left > 0 && (operator.enough < Number.POSITIVE_INFINITY || 2 * left >= bounds.least_rows)) {
      blocks.setLeft(block, local, left);
    } else this.#keep(local, block);
  }

  /** Takes the row into the state; whether HAVING became true and that decides the window. */
  #follow(
    local: number,
    state: number,
    rows: StreamRows,
    i: number,
    key: number,
    row: number,
    start: number,
    out: Emission[],
  ): boolean {
    const work = this.#work;
    const { operators, states, table } = work.parts;
    const { bounds, size_ms } = operators[local];
    const records = states.records[local];
    const doubles = records.doubles[state >> SEGMENT_BITS];
    const at = (state & SEGMENT_MASK) * records.stride + STATE_HEADER;
    const time = rows.time[i];
    if (states.getInt(local, state, STATE_STALE) === 1) {
      states.setInt(local, state, STATE_STALE, 0);
      work.collect(local, key, 0, start, Number.POSITIVE_INFINITY);
      work.fill(local, doubles, at, start);
      states.stopRunning(local, state);
    } else feedPayload(bounds, doubles, at, table, row, time, start);
    const running = work.keepRunning(local, state, row, time, start);
    if (heldFrom(bounds, doubles, at, start) === Number.NEGATIVE_INFINITY) return false;
    work.parts.judgement.continues =
      states.getInt(local, state, STATE_TRUE) === 1 && states.getTime(local, state) === start;
    if (!work.holds(local, state, running, rows, i, key, start, start + size_ms, out)) return false;
    if (operators[local].every) states.setTrue(local, state, start);
    return !operators[local].every;
  }

  /** The window is decided: nothing is asked before its end. */
  #decided(local: number, block: number, state: number, start: number): void {
    const { blocks, states, operators } = this.#work.parts;
    if (state !== 0) states.free(local, state);
    blocks.setState(block, local, 0);
    blocks.sleep(block, local, start + operators[local].size_ms - 1);
  }

  /** Gives the operator a state with the payload that was filled last. */
  #keep(local: number, block: number): number {
    const { states, blocks, operators } = this.#work.parts;
    const state = states.create(local);
    const records = states.records[local];
    const doubles = records.doubles[state >> SEGMENT_BITS];
    const at = (state & SEGMENT_MASK) * records.stride + STATE_HEADER;
    const { payload } = operators[local].bounds;
    for (let k = 0; k < payload; k++) doubles[at + k] = this.#work.scratch[k];
    blocks.setState(block, local, state);
    blocks.setLeft(block, local, 1);
    return state;
  }
}
