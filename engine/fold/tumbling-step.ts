import { feedPayload, heldFrom } from '../operators/bounds.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import { SEGMENT_BITS, SEGMENT_MASK } from '../state/records.ts';
import { STATE_HEADER, STATE_STALE } from '../state/state-table.ts';
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
    const { operators, blocks, states, table, window } = work.parts;
    const operator = operators[local];
    const { bounds, size_ms, enough } = operator;
    const time = rows.time[i];
    const start = Math.floor(time / size_ms) * size_ms;
    const state = blocks.getState(block, local);
    let since: number;
    if (state === 0) {
      blocks.setUntil(block, local, Number.NEGATIVE_INFINITY);
      work.collect(local, key, 0, start, enough);
      work.fill(local, work.scratch, 0, start);
      since = heldFrom(bounds, work.scratch, 0, start);
    } else {
      const records = states.records[local];
      const doubles = records.doubles[state >> SEGMENT_BITS];
      const at = (state & SEGMENT_MASK) * records.stride + STATE_HEADER;
      if (states.getInt(local, state, STATE_STALE) === 1) {
        states.setInt(local, state, STATE_STALE, 0);
        work.collect(local, key, 0, start, Number.POSITIVE_INFINITY);
        work.fill(local, doubles, at, start);
      } else feedPayload(bounds, doubles, at, table, row, time, start);
      since = heldFrom(bounds, doubles, at, start);
      if (since !== Number.NEGATIVE_INFINITY) work.collect(local, key, 0, start, enough);
    }
    if (since !== Number.NEGATIVE_INFINITY) {
      const emission = work.judge(local, rows, i, key, start, start + size_ms);
      if (emission !== null) {
        out.push(emission);
        if (state !== 0) states.free(local, state);
        blocks.setState(block, local, 0);
        blocks.sleep(block, local, start + size_ms - 1);
        return;
      }
    }
    if (state !== 0) return;
    // `left` rows of this window decide an exact count; the rows of the next window are fewer than those counted here.
    const left = bounds.least_rows - window.count;
    if (left > 0 && (operator.enough < Number.POSITIVE_INFINITY || 2 * left >= bounds.least_rows)) {
      blocks.setLeft(block, local, left);
    } else this.#keep(local, block);
  }

  /** Gives the operator a state with the payload that was filled last. */
  #keep(local: number, block: number): void {
    const { states, blocks, operators } = this.#work.parts;
    const state = states.create(local);
    const records = states.records[local];
    const doubles = records.doubles[state >> SEGMENT_BITS];
    const at = (state & SEGMENT_MASK) * records.stride + STATE_HEADER;
    const { payload } = operators[local].bounds;
    for (let k = 0; k < payload; k++) doubles[at + k] = this.#work.scratch[k];
    blocks.setState(block, local, state);
    blocks.setLeft(block, local, 1);
  }
}
