import type { Anchor } from '../detection.ts';
import { type GroupResult, type OperatorSpec, type StreamSpec, TENANT_COLUMN } from '../program.ts';
import { type ColumnShape, columnShape, readValue } from '../route/column-values.ts';
import { rowAnchor, type StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import type { KeyTable } from '../state/key-table.ts';
import type { RowTable } from '../state/row-table.ts';
import type { WindowRows } from '../state/window-rows.ts';
import type { Value } from '../value.ts';
import type { Emission } from './emission.ts';
import type { StoreOperator } from './store-operator.ts';

/** What decided it: row `row` of the stream, or a window's end. */
export type Decider = Pick<Emission, 'time' | 'stamp' | 'at_end' | 'root' | 'row'>;

/** What a window's rows are as a whole. */
export interface WindowTotal {
  readonly count: number;
  readonly first_event_at: number;
  /** Ids of its last events, in order. */
  readonly evidence: string[];
}

/** Turns collected rows into what is emitted: values, evidence and anchor, all read off the rows (S8). Rare. */
export class StoreJudgement {
  readonly #table: RowTable;
  readonly #keys: KeyTable;
  readonly #window: WindowRows;
  /** Of the key's columns. */
  readonly #shapes: readonly ColumnShape[];
  readonly #symbols: Symbols;
  /** Said of the next emission (Emission.continues). */
  continues = false;

  constructor(
    parts: { table: RowTable; keys: KeyTable; window: WindowRows },
    stream: StreamSpec,
    key: readonly number[],
    symbols: Symbols,
  ) {
    this.#table = parts.table;
    this.#keys = parts.keys;
    this.#window = parts.window;
    this.#shapes = key.map((column) => columnShape(stream, column));
    this.#symbols = symbols;
  }

  /**
   * The emission over the collected rows, or null where HAVING is not true of them. The anchor is the deciding row for
   * SLIDING, which passes `rows`, and the window's start otherwise (S7).
   */
  emission(
    operator: StoreOperator,
    key: number,
    start: number,
    end: number,
    decider: Decider,
    rows: StreamRows | null,
  ): Emission | null {
    const window = this.#window;
    const result = operator.judge.evaluate(window, this.keyValues(key), start, end);
    if (!operator.judge.isTrue(result)) return null;
    const { count } = window;
    const evidence = this.evidenceOf(operator, Math.min(operator.spec.evidence_limit, count));
    const total = { count, first_event_at: window.times[count - 1], evidence };
    return this.emissionOf(operator, key, result, decider, rows, total);
  }

  /** The same of a result of which HAVING is true, over the window `total`; its newest row is collected. */
  emissionOf(
    operator: StoreOperator,
    key: number,
    result: GroupResult,
    decider: Decider,
    rows: StreamRows | null,
    total: WindowTotal,
  ): Emission {
    const table = this.#table;
    const window = this.#window;
    const { spec } = operator;
    const { window_start: start, window_end: end } = result;
    const { count, first_event_at, evidence } = total;
    const event_id = evidence.at(-1) ?? (count > 0 ? table.idOf(window.rows[0]) : '');
    return {
      operator: operator.index,
      spec,
      time: decider.time,
      stamp: decider.stamp,
      at_end: decider.at_end,
      root: decider.root,
      row: decider.row,
      tenant: this.tenantOf(key),
      key: result.key,
      anchor: rows === null ? { window_start: start } : this.#anchorOf(rows, decider, spec, event_id),
      window: { start, end },
      first_event_at,
      last_event_at: window.times[0],
      values: spec.outputs.map((output) => output.evaluate(result)),
      evidence,
      evidence_total: count,
      continues: this.continues,
      event_id,
    };
  }

  /**
   * The ids of the last `most` events of the collected rows, in order. Rows of `events` are one event each. Of other
   * streams several rows may stand for one, which is named once: of a UNION ALL that it passed twice, of pairs, of elements.
   */
  evidenceOf({ spec }: StoreOperator, most: number): string[] {
    const { rows, count } = this.#window;
    const table = this.#table;
    if (spec.input === 0) return table.idsOf(rows, most);
    const tenant = spec.across === true ? table.placeOf(TENANT_COLUMN) : null;
    const ids: string[] = [];
    const met = new Set<string>();
    for (let from = 0; from < count && ids.length < most; from += most) {
      const chunk = table.idsOf(rows.subarray(from), Math.min(most, count - from));
      for (let k = chunk.length - 1; k >= 0 && ids.length < most; k--) {
        const id = chunk[k];
        // Another tenant may have an event of the same id.
        const name = tenant === null ? id : `${table.rawOf(rows[from + chunk.length - 1 - k], tenant)} ${id}`;
        if (met.has(name)) continue;
        met.add(name);
        ids.push(id);
      }
    }
    return ids.reverse();
  }

  /** What a window without rows gives to a key of no row; null where HAVING is not true of nothing. */
  ofSilence(operator: StoreOperator, tenant: string, key: readonly Value[], start: number, end: number) {
    this.#window.count = 0;
    const result = operator.judge.evaluate(this.#window, key, start, end);
    if (!operator.judge.isTrue(result)) return null;
    const { spec, index } = operator;
    const emission: Emission = {
      ...{ operator: index, spec, time: end - 1, stamp: end - 1, at_end: 2, root: 0, row: 0, tenant, key },
      ...{ anchor: { window_start: start }, window: { start, end }, first_event_at: start, last_event_at: start },
      values: spec.outputs.map((output) => output.evaluate(result)),
      ...{ evidence: [], evidence_total: 0, continues: false, event_id: '' },
    };
    return emission;
  }

  /** Of events the deciding row is the newest one, whose id is read already. */
  #anchorOf(rows: StreamRows, { row, stamp }: Decider, { input }: OperatorSpec, event_id: string): Anchor {
    return input === 0 && event_id !== '' ? { timestamp: stamp, id: event_id } : rowAnchor(rows, row);
  }

  tenantOf(key: number): string {
    return this.#symbols.textOf(this.#keys.tenantOf(key));
  }

  keyValues(key: number): Value[] {
    return this.#shapes.map((shape, k) => readValue(shape, this.#keys.part(key, k), this.#symbols));
  }
}
