import type { Emission } from '../fold/emission.ts';
import type { OperatorSpec, StreamSpec } from '../program.ts';
import { columnOf, columnShape, readValue } from '../route/column-values.ts';
import { rowAnchor, type StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** A rule or view without a window: one emission per row that passes its WHERE. It keeps nothing. */
export class SingleOperator {
  readonly #index: number;
  readonly #spec: OperatorSpec;
  readonly #stream: StreamSpec;
  readonly #symbols: Symbols;

  constructor(index: number, spec: OperatorSpec, stream: StreamSpec, symbols: Symbols) {
    this.#index = index;
    this.#spec = spec;
    this.#stream = stream;
    this.#symbols = symbols;
  }

  /** A row of a join has the pair as its anchor (of EXISTS the left row), and both rows as evidence (S7, S9). */
  emit(rows: StreamRows, i: number): Emission {
    const spec = this.#spec;
    const time = rows.time[i];
    const row = spec.row_columns.map((column) =>
      readValue(columnShape(this.#stream, column), columnOf(rows, column)[i], this.#symbols),
    );
    const result = { key: [], aggregates: [], row, window_start: time, window_end: time };
    const { evidenceStart: start } = rows;
    const event_id = decoder.decode(rows.evidenceBytes.subarray(start[i], start[i + 1]));
    const pair = rows.pairs?.[i];
    const evidence = pair?.evidence ?? [event_id];
    return {
      operator: this.#index,
      spec,
      time,
      stamp: rows.stamp[i],
      at_end: rows.atEnd[i],
      root: rows.root[i],
      row: i,
      tenant: this.#symbols.textOf(rows.tenant[i]),
      key: pair?.key ?? [],
      anchor: pair?.anchor ?? rowAnchor(rows, i),
      window: null,
      first_event_at: pair?.first_event_at ?? time,
      last_event_at: pair?.last_event_at ?? time,
      values: spec.outputs.map((output) => output.evaluate(result)),
      evidence: spec.evidence_limit > 0 ? evidence.slice(-spec.evidence_limit) : [],
      evidence_total: evidence.length,
      continues: false,
      event_id,
    };
  }
}
