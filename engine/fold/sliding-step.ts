import { clearPayload, feedPayload, heldFrom } from '../operators/bounds.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import { KEY_COUNT, KEY_REMOVED } from '../state/key-table.ts';
import { SEGMENT_BITS, SEGMENT_MASK } from '../state/records.ts';
import { STATE_HEADER, STATE_RESET, STATE_STALE, STATE_TIME, STATE_TRUE } from '../state/state-table.ts';
import type { Emission } from './emission.ts';
import type { StepWork } from './step-work.ts';
import type { StoreOperator } from './store-operator.ts';

/**
 * HOT. SLIDING (S8): a rule fires where HAVING is true and was not at the key's previous event, or that has left.
 *
 * Without a state the operator is looked at only when so many rows have come that HAVING may be true, from the rows.
 * If it is, and bounds are all there is, it stays true until the row that decides it has left: the operator sleeps so
 * long. Where it is worth neither to wait nor to sleep, a state follows row by row.
 */
export class SlidingStep {
  readonly #work: StepWork;

  constructor(work: StepWork) {
    this.#work = work;
  }

  /** Row i of the stream was stored as `row`, the newest of its key, and is one of the operator's. */
  take(local: number, block: number, rows: StreamRows, i: number, key: number, row: number, out: Emission[]): void {
    const state = this.#work.parts.blocks.getState(block, local);
    if (state === 0) this.#look(local, block, rows, i, key, out);
    else this.#follow(local, block, state, rows, i, key, row, out);
  }

  #look(local: number, block: number, rows: StreamRows, i: number, key: number, out: Emission[]): void {
    const work = this.#work;
    const { operators, blocks, window } = work.parts;
    const operator = operators[local];
    const { bounds, enough } = operator;
    const time = rows.time[i];
    const from = time - operator.size_ms;
    // A woken operator was true at every row it slept through, the last one too: that row may still be in the window.
    const slept = blocks.getUntil(block, local) !== Number.NEGATIVE_INFINITY;
    blocks.setUntil(block, local, Number.NEGATIVE_INFINITY);
    const most = Math.max(2, enough);
    const isCut = work.fillNewest(local, key, 0, from, most, work.scratch, 0);
    const isSilent = slept && window.count > 1 && !operator.every;
    work.parts.judgement.continues = false;
    const since = heldFrom(bounds, work.scratch, 0, from);
    if (since === Number.NEGATIVE_INFINITY) {
      const left = bounds.least_rows - window.count;
      if (left > 0 && 2 * left >= bounds.least_rows) blocks.setLeft(block, local, left);
      else this.#keep(local, block, time, false);
      return;
    }
    if (!(isSilent && bounds.are_exact)) {
      if (isCut) work.collect(local, key, 0, from, most);
      const emission = work.judge(local, rows, i, key, from, time);
      if (emission === null) {
        this.#keep(local, block, time, false);
        return;
      }
      if (!isSilent) out.push(emission);
    }
    if (this.#maySleep(operator, since, time)) blocks.sleep(block, local, since + operator.size_ms);
    else if (operator.resets && !isSilent) this.#reset(local, this.#keep(local, block, time, false), key);
    else this.#keep(local, block, time, true);
  }

  #follow(
    local: number,
    block: number,
    state: number,
    rows: StreamRows,
    i: number,
    key: number,
    row: number,
    out: Emission[],
  ): void {
    const work = this.#work;
    const { operators, blocks, states, table } = work.parts;
    const operator = operators[local];
    const { bounds } = operator;
    const records = states.records[local];
    const doubles = records.doubles[state >> SEGMENT_BITS];
    const ints = records.ints[state >> SEGMENT_BITS];
    const at = (state & SEGMENT_MASK) * records.stride;
    const time = rows.time[i];
    const from = time - operator.size_ms;
    const reset = ints[2 * at + STATE_RESET];
    if (ints[2 * at + STATE_STALE] === 1) {
      ints[2 * at + STATE_STALE] = 0;
      work.fillNewest(local, key, reset, from, Number.POSITIVE_INFINITY, doubles, at + STATE_HEADER);
      states.stopRunning(local, state);
    } else feedPayload(bounds, doubles, at + STATE_HEADER, table, row, time, from);
    const running = work.keepRunning(local, state, row, time, from);
    const stands = ints[2 * at + STATE_TRUE] === 1 && doubles[at + STATE_TIME] >= from;
    const isSilent = stands && !operator.every;
    work.parts.judgement.continues = stands;
    doubles[at + STATE_TIME] = time;
    ints[2 * at + STATE_TRUE] = 0;
    const since = heldFrom(bounds, doubles, at + STATE_HEADER, from);
    if (since === Number.NEGATIVE_INFINITY) return;
    const mustLook = !(isSilent && bounds.are_exact);
    if (mustLook && !work.holds(local, state, running, rows, i, key, from, time, isSilent ? null : out)) return;
    if (this.#maySleep(operator, since, time)) {
      states.free(local, state);
      blocks.setState(block, local, 0);
      blocks.sleep(block, local, since + operator.size_ms);
    } else if (operator.resets && !isSilent) this.#reset(local, state, key);
    else ints[2 * at + STATE_TRUE] = 1;
  }

  /** Waking means to read rows again, so it must be worth it: half a window and more. */
  #maySleep(operator: StoreOperator, since: number, time: number): boolean {
    return operator.sleeps && 2 * (since + operator.size_ms - time) >= operator.size_ms;
  }

  /** Gives the operator a state with the payload that was filled last. */
  #keep(local: number, block: number, time: number, isTrue: boolean): number {
    const { states, blocks, operators } = this.#work.parts;
    const state = states.create(local);
    const records = states.records[local];
    const doubles = records.doubles[state >> SEGMENT_BITS];
    const at = (state & SEGMENT_MASK) * records.stride;
    doubles[at + STATE_TIME] = time;
    records.ints[state >> SEGMENT_BITS][2 * at + STATE_TRUE] = isTrue ? 1 : 0;
    const { payload } = operators[local].bounds;
    for (let k = 0; k < payload; k++) doubles[at + STATE_HEADER + k] = this.#work.scratch[k];
    blocks.setState(block, local, state);
    blocks.setLeft(block, local, 1);
    return state;
  }

  /** RESET (S13): all rows up to this firing count as having left, the deciding one too. */
  #reset(local: number, state: number, key: number): void {
    const { keys, states, operators } = this.#work.parts;
    const records = states.records[local];
    states.setInt(local, state, STATE_RESET, keys.get(key, KEY_REMOVED) + keys.get(key, KEY_COUNT));
    const at = (state & SEGMENT_MASK) * records.stride + STATE_HEADER;
    clearPayload(operators[local].bounds, records.doubles[state >> SEGMENT_BITS], at);
    states.stopRunning(local, state);
  }
}
