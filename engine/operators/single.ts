import type { Emission } from '../fold/emission.ts';
import type { OperatorSpec, StreamSpec } from '../program.ts';
import { columnOf, columnShape, readValue } from '../route/column-values.ts';
import { rowAnchor, type StreamRows, withoutPlaces } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Value } from '../value.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** A rule or view without a window: one emission per row that passes its WHERE. It keeps nothing. */
export class SingleOperator {
  readonly #index: number;
  readonly #spec: OperatorSpec;
  readonly #stream: StreamSpec;
  readonly #symbols: Symbols;
  readonly #elements: number;
  /** Elements behind the bound. */
  dropped = 0;
  /** UNNEST of the rows of another one: the event or row that they are of, and how many rows were made of it. */
  #of = '';
  #made = 0;

  /** `elements`: how many rows UNNEST makes of an array, and several of them, one behind the other, of an event. */
  constructor(index: number, spec: OperatorSpec, stream: StreamSpec, symbols: Symbols, elements: number) {
    this.#index = index;
    this.#spec = spec;
    this.#stream = stream;
    this.#symbols = symbols;
    this.#elements = elements;
  }

  /** Whether it makes a row of each element of an array. */
  get isUnnest(): boolean {
    return this.#spec.unnest !== undefined;
  }

  /** What row i gives: one emission, of an UNNEST one for each element in order. */
  emit(rows: StreamRows, i: number, out: Emission[]): void {
    const { unnest } = this.#spec;
    const anchor = rowAnchor(rows, i);
    if (unnest === undefined) {
      out.push(this.#emission(rows, i, anchor, []));
      return;
    }
    const array = (this.#read(rows, unnest.column, i) ?? []) as readonly Value[];
    const most = Math.min(array.length, this.#elements - this.#madeBefore(anchor, unnest.below));
    this.#made += most;
    this.dropped += array.length - most;
    for (let place = 0; place < most; place++) {
      // Of one event, elements differ in their place: it is part of what names the row (S7).
      const own = { ...anchor, id: `${anchor.id}[${place}]` };
      out.push(this.#emission(rows, i, own, [array[place]]));
    }
  }

  /** How many rows there are of the event or row that this one is of: those of one stand behind one another. */
  #madeBefore({ timestamp, id }: ReturnType<typeof rowAnchor>, below: number): number {
    const of = below === 0 ? '' : `${timestamp} ${withoutPlaces(id, below)}`;
    if (below === 0 || of !== this.#of) this.#made = 0;
    this.#of = of;
    return this.#made;
  }

  #read(rows: StreamRows, column: number, i: number): Value {
    return readValue(columnShape(this.#stream, column), columnOf(rows, column)[i], this.#symbols);
  }

  /**
   * A row of a join has the pair as its anchor (of EXISTS the left row), and all events that it rests on as evidence (S7,
   * S9), also through views. `added`: what the outputs read behind the columns.
   */
  #emission(rows: StreamRows, i: number, anchor: ReturnType<typeof rowAnchor>, added: readonly Value[]): Emission {
    const spec = this.#spec;
    const time = rows.time[i];
    const row = [...spec.row_columns.map((column) => this.#read(rows, column, i)), ...added];
    const result = { key: [], aggregates: [], row, window_start: time, window_end: time };
    const { evidenceStart: start } = rows;
    const event_id = decoder.decode(rows.evidenceBytes.subarray(start[i], start[i + 1]));
    const pair = rows.pairs?.[i];
    const rests = rows.rests?.[i] ?? null;
    // Of a window without events (WITH EMPTY KEYS OF) there is none.
    const own = event_id === '' ? [] : [event_id];
    const evidence = rests === null ? own : rests.events.map((one) => one.event_id);
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
      anchor: pair?.anchor ?? anchor,
      window: null,
      first_event_at: rests?.first_event_at ?? time,
      last_event_at: rests?.last_event_at ?? time,
      values: spec.outputs.map((output) => output.evaluate(result)),
      evidence: spec.evidence_limit > 0 ? evidence.slice(-spec.evidence_limit) : [],
      evidence_total: rests?.total ?? own.length,
      continues: false,
      event_id,
      rests,
    };
  }
}
