import type { JoinSpec, Program } from '../program.ts';
import { columnOf, writeValue } from '../route/column-values.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Snapshot } from '../snapshot.ts';
import { keptFor_ms } from './baseline.ts';
import { BaselineRows } from './baseline-rows.ts';
import { agesOf_ms, isOuter, type JoinOperator } from './join-parts.ts';
import { ROW_BYTES } from './plain-join.ts';
import { JoinGroup, type WaitingRow } from './plain-join-state.ts';
import { type Arrival, PlainRows } from './plain-rows.ts';
import type { StoreLimits } from './store-limits.ts';

/** A table as a baseline (S8), as objects and texts: the meaning of the typed form (baseline.ts). */
export class PlainBaseline implements JoinOperator {
  readonly spec: JoinSpec;
  readonly #program: Program;
  readonly #stream: number;
  readonly #symbols: Symbols;
  readonly #age_ms: number;
  readonly #reader: PlainRows;
  readonly #groups: readonly JoinGroup[];
  readonly #made: BaselineRows;

  constructor(program: Program, stream: number, symbols: Symbols, limits: StoreLimits) {
    const spec = program.streams[stream].join as JoinSpec;
    this.spec = spec;
    this.#program = program;
    this.#stream = stream;
    this.#symbols = symbols;
    this.#age_ms = agesOf_ms(program)[spec.left.stream];
    this.#reader = new PlainRows(program, spec, symbols);
    const keep_ms = { left: 0, right: keptFor_ms(spec, this.#age_ms) };
    this.#groups = Array.from({ length: limits.key_groups }, () => new JoinGroup(limits, keep_ms));
    this.#made = new BaselineRows(program.streams[stream], spec);
  }

  process(left: StreamRows, right: StreamRows, until: number): StreamRows {
    this.#made.begin(left);
    let r = 0;
    for (let l = 0; l < left.count; l++) {
      while (r < right.count && right.time[r] < left.time[l]) this.#keep({ side: 'right', rows: right, i: r++ });
      this.#join({ side: 'left', rows: left, i: l });
    }
    while (r < right.count) this.#keep({ side: 'right', rows: right, i: r++ });
    for (const group of this.#groups) group.expire(until, []);
    return this.#made.make((column) => columnOf(left, column));
  }

  #join(arrival: Arrival): void {
    const left = this.#reader.rowOf(arrival, 0);
    if (left === null) return;
    const found = left.key.includes(null) ? null : this.#asOf(arrival, left);
    if (found === null && !isOuter(this.spec.kind)) return;
    this.#made.add(arrival.i);
    const { columns } = this.#program.streams[this.#stream];
    this.spec.sources.forEach(({ side }, source) => {
      if (side === 'left' || found === null) return;
      this.#made.set(source, writeValue(columns[source].storage, found.values[source], this.#symbols));
    });
  }

  /** The last row of its key whose window ended at or before its time; null: none that is kept so long. */
  #asOf(arrival: Arrival, left: WaitingRow): WaitingRow | null {
    const ended = this.#groupOf(arrival)
      .rowsOf(nameOf(left), 'right')
      .filter(({ time }) => time + 1 <= left.stamp);
    const last = ended.at(-1) ?? null;
    return last === null || last.time + 1 + this.spec.before_ms < left.stamp ? null : last;
  }

  #keep(arrival: Arrival): void {
    const { rows, i } = arrival;
    const time = rows.time[i];
    for (const group of this.#groups) group.expire(time, []);
    const row = this.#reader.rowOf(arrival, 0);
    if (row === null || row.key.includes(null)) return;
    const group = this.#groupOf(arrival);
    group.supersede(nameOf(row), time, time - this.#age_ms);
    group.add(nameOf(row), 'right', row);
  }

  #groupOf(arrival: Arrival): JoinGroup {
    return this.#groups[this.#reader.groupOf(arrival, this.#groups.length)];
  }

  get drops(): readonly JoinGroup['drops'][] {
    return this.#groups.map((group) => group.drops);
  }

  get rows(): number {
    return this.#groups.reduce((total, group) => total + group.rows, 0);
  }

  get keys(): number {
    return this.#groups.reduce((total, group) => total + group.keys, 0);
  }

  /** An estimate. */
  get bytes(): number {
    return this.rows * ROW_BYTES;
  }

  /** Its rows hold texts. */
  markUsed(): void {}

  snapshot(): Snapshot {
    return this.#groups.map((group) => group.snapshot());
  }

  restore(snapshot: Snapshot): void {
    (snapshot as Snapshot[]).forEach((group, i) => {
      this.#groups[i].restore(group);
    });
  }
}

function nameOf({ tenant, key }: WaitingRow): string {
  return JSON.stringify([tenant, key]);
}
