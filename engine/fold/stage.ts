import { SingleOperator } from '../operators/single.ts';
import type { OperatorSpec, Program } from '../program.ts';
import { ComputedColumns } from '../route/computed-columns.ts';
import { Router } from '../route/router.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Emission } from './emission.ts';
import { KeyedStore } from './keyed-store.ts';
import type { StoreLimits } from './store-limits.ts';
import type { Form } from './store-operator.ts';

export interface StageOptions {
  readonly shards: number;
  readonly form: Form;
  readonly limits: StoreLimits;
}

/** Where an operator's state stands: its stores (one per shard) and its number in them. */
export interface Home {
  readonly stores: readonly KeyedStore[];
  readonly local: number;
}

/**
 * Everything that reads one stream: rows are routed once, then every row store takes its own rows. Stores of different
 * keys and shards do not know of each other, so the order in which they run cannot show.
 */
export class Stage {
  readonly #operators: readonly { readonly index: number; readonly position: number; readonly spec: OperatorSpec }[];
  readonly #computed: ComputedColumns;
  readonly #router: Router;
  /** By position; null for windowed operators. */
  readonly #singles: readonly (SingleOperator | null)[];
  readonly stores: readonly KeyedStore[];
  /** By operator index of the program. */
  readonly homes = new Map<number, Home>();
  /** Rows of each class so far. */
  #routed = new Float64Array(64);

  constructor(program: Program, stream: number, symbols: Symbols, options: StageOptions) {
    const spec = program.streams[stream];
    this.#operators = program.operators
      .map((operator, index) => ({ index, spec: operator }))
      .filter((operator) => operator.spec.input === stream)
      .map((operator, position) => ({ ...operator, position }));
    this.#computed = new ComputedColumns(spec, symbols);
    this.#router = new Router(
      spec,
      this.#operators.map((operator) => operator.spec),
      symbols,
    );
    this.#singles = this.#operators.map((operator) =>
      operator.spec.key === null ? new SingleOperator(operator.index, operator.spec, spec, symbols) : null,
    );
    const keyed = this.#operators.filter((operator) => operator.spec.key !== null);
    const byKey = Map.groupBy(keyed, (operator) => JSON.stringify(operator.spec.key));
    const stores: KeyedStore[] = [];
    for (const operators of byKey.values()) {
      const key = operators[0].spec.key as readonly number[];
      const shards = Array.from({ length: options.shards }, (_, shard) => {
        const setting = { stream: spec, key, operators, shard, ...options };
        return new KeyedStore(setting, this.#router.classes, symbols);
      });
      for (const [local, operator] of operators.entries()) this.homes.set(operator.index, { stores: shards, local });
      stores.push(...shards);
    }
    this.stores = stores;
  }

  /** Takes rows in total order, then closes windows whose end - 1 lies before `until`. Emissions in no order. */
  process(rows: StreamRows, until: number): Emission[] {
    const out: Emission[] = [];
    if (this.#operators.length === 0) return out;
    this.#computed.complete(rows);
    this.#router.route(rows);
    const { rowClass } = this.#router;
    this.#countRouted(rowClass, rows.count);
    if (this.#singles.some((single) => single !== null)) this.#emitSingles(rows, rowClass, out);
    for (const store of this.stores) store.process(rows, rowClass, until, out);
    return out;
  }

  #countRouted(rowClass: Int32Array, count: number): void {
    const classes = this.#router.classes.members.length;
    if (classes > this.#routed.length) {
      const grown = new Float64Array(classes * 2);
      grown.set(this.#routed);
      this.#routed = grown;
    }
    for (let i = 0; i < count; i++) this.#routed[rowClass[i]]++;
  }

  #emitSingles(rows: StreamRows, rowClass: Int32Array, out: Emission[]): void {
    for (let i = 0; i < rows.count; i++) {
      const members = this.#router.classes.members[rowClass[i]];
      for (let k = 0; k < members.length; k++) {
        const single = this.#singles[members[k]];
        if (single !== null) out.push(single.emit(rows, i));
      }
    }
  }

  /** Rows that passed the operator's WHERE so far. */
  eventsOf(index: number): number {
    const position = this.#operators.findIndex((operator) => operator.index === index);
    return this.#router.classes.members.reduce(
      (sum, members, row_class) => sum + (members.includes(position) ? this.#routed[row_class] : 0),
      0,
    );
  }

  forget(): void {
    this.#computed.forget();
    this.#router.forget();
  }

  snapshot(): Snapshot {
    return {
      classes: this.#router.classes.snapshot(),
      routed: this.#routed.slice(),
      stores: this.stores.map((store) => store.snapshot()),
    };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { classes: Snapshot; routed: Float64Array; stores: Snapshot[] };
    this.#router.classes.restore(from.classes);
    this.#routed = from.routed.slice();
    from.stores.forEach((store, i) => {
      this.stores[i].restore(store);
    });
  }
}
