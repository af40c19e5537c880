import type { Lookups } from '../lookups/lookups.ts';
import { SingleOperator } from '../operators/single.ts';
import { ACROSS_TENANT, type Program } from '../program.ts';
import { ComputedColumns } from '../route/computed-columns.ts';
import { passesResidual } from '../route/residual.ts';
import { Router } from '../route/router.ts';
import type { StreamRows } from '../route/stream-rows.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Snapshot } from '../snapshot.ts';
import { WindowStore } from '../windows/window-store.ts';
import type { Emission } from './emission.ts';
import { KeyedStore } from './keyed-store.ts';
import { isTimed, storesOf } from './lanes.ts';
import type { Observed } from './observed.ts';
import { RowLists } from './row-lists.ts';
import type { RowStore } from './row-store.ts';
import { type StoreLimits, withStateKeys } from './store-limits.ts';
import type { Form, PlacedOperator } from './store-operator.ts';

export interface StageOptions {
  readonly shards: number;
  readonly form: Form;
  readonly limits: StoreLimits;
  readonly lookups: Lookups;
  readonly observed: Observed | null;
  /** Of a part of a program: see storesOf(). */
  readonly stores?: readonly number[];
}

/** Where an operator's state stands: its stores (one per shard) and its number in them. */
export interface Home {
  readonly stores: readonly RowStore[];
  readonly local: number;
}

/**
 * Everything that reads one stream: rows are routed once, then every row store takes its own rows. Stores of different
 * keys and shards do not know of each other, so the order in which they run cannot show.
 */
export class Stage {
  readonly #operators: readonly PlacedOperator[];
  readonly #computed: ComputedColumns;
  /** Whether a join reads the rows, computed columns included. */
  readonly #isJoined: boolean;
  readonly #router: Router;
  /** By position; null for windowed operators. */
  readonly #singles: readonly (SingleOperator | null)[];
  readonly #hasSingles: boolean;
  /** Whether one of them makes a row of each element of an array. */
  readonly #hasUnnests: boolean;
  /** By key expression and lane, the stores of its shards. */
  readonly #lanes: readonly (readonly RowStore[])[];
  /** By lane: whether its groups hold rows of several tenants. */
  readonly #across: readonly boolean[];
  readonly #symbols: Symbols;
  readonly #lists: RowLists;
  readonly stores: readonly RowStore[];
  /** By operator index of the program. */
  readonly homes = new Map<number, Home>();

  constructor(program: Program, stream: number, symbols: Symbols, options: StageOptions) {
    const spec = program.streams[stream];
    this.#operators = program.operators
      .map((operator, index) => ({ index, spec: operator }))
      .filter((operator) => operator.spec.input === stream)
      .map((operator, position) => ({ ...operator, position }));
    this.#isJoined = program.streams.some(({ join }) => join?.left.stream === stream || join?.right.stream === stream);
    this.#computed = new ComputedColumns(spec, symbols, options.lookups);
    const specs = this.#operators.map((operator) => operator.spec);
    this.#router = new Router(spec, specs, symbols);
    this.#singles = this.#operators.map((operator) =>
      operator.spec.key === null
        ? new SingleOperator(operator.index, operator.spec, spec, symbols, options.limits.unnest_elements)
        : null,
    );
    this.#hasSingles = specs.some(({ key, unnest }) => key === null && unnest === undefined);
    this.#hasUnnests = specs.some(({ unnest }) => unnest !== undefined);
    const keyed = this.#operators.filter((operator) => operator.spec.key !== null);
    const lanes = storesOf(keyed, options.stores);
    this.#lanes = lanes.map((operators) =>
      Array.from({ length: options.shards }, (_, shard) => {
        const { key, state_keys } = operators[0].spec;
        const limits = withStateKeys(options.limits, state_keys);
        const Store = isTimed(operators[0].spec) ? WindowStore : KeyedStore;
        const setting = { ...options, stream: spec, key: key as readonly number[], operators, shard, limits };
        return new Store(setting, this.#router, symbols);
      }),
    );
    this.#across = lanes.map((operators) => operators[0].spec.across === true);
    this.#symbols = symbols;
    lanes.forEach((operators, lane) => {
      for (const [local, { index }] of operators.entries()) this.homes.set(index, { stores: this.#lanes[lane], local });
    });
    this.#lists = new RowLists(
      lanes.map((operators) => operators.map((operator) => operator.position)),
      this.#router,
    );
    this.stores = this.#lanes.flat();
  }

  /**
   * Takes rows in total order, then closes windows whose end - 1 lies before `until`. Emissions in no order, those of UNNEST
   * not among them. `reached`: the time up to which events are known.
   */
  process(rows: StreamRows, until: number, reached: number): Emission[] {
    const out: Emission[] = [];
    if (rows.count > 0 && (this.#isJoined || this.#operators.length > 0)) this.#computed.complete(rows);
    if (this.#operators.length === 0) return out;
    if (rows.count > 0) {
      this.#router.route(rows);
      if (this.#hasSingles) this.#emitSingles(rows, 0, rows.count, false, out);
    }
    this.#lists.fill(rows.count);
    for (let lane = 0; lane < this.#lanes.length; lane++) {
      const { list, count } = this.#lists.lanes[lane];
      const own = this.#across[lane] ? this.#together(rows) : rows;
      for (const store of this.#lanes[lane]) store.process(own, list, count, until, reached, out);
    }
    return out;
  }

  /** The rows as they join groups across tenants. */
  #together(rows: StreamRows): StreamRows {
    return { ...rows, owner: new Int32Array(rows.count).fill(this.#symbols.idOf(ACROSS_TENANT)) };
  }

  /** What UNNEST makes of rows [from, to) of those that process() took last. */
  unnest(rows: StreamRows, from: number, to: number): Emission[] {
    const out: Emission[] = [];
    if (this.#hasUnnests) this.#emitSingles(rows, from, to, true, out);
    return out;
  }

  #emitSingles(rows: StreamRows, from: number, to: number, isUnnest: boolean, out: Emission[]): void {
    const { classes, rowClass, tests, residual } = this.#router;
    for (let i = from; i < to; i++) {
      const members = classes.members[rowClass[i]];
      for (let k = 0; k < members.length; k++) {
        const single = this.#singles[members[k]];
        if (single === null || single.isUnnest !== isUnnest) continue;
        const asked = tests[members[k]];
        if (asked === null || passesResidual(residual, asked, i)) single.emit(rows, i, out);
      }
    }
  }

  /** Rows that passed the operator's WHERE so far. */
  eventsOf(index: number): number {
    return this.#lists.passed(this.#operators.findIndex((operator) => operator.index === index));
  }

  /** Elements of arrays that UNNEST left out. */
  get dropped_elements(): number {
    return this.#singles.reduce((total, single) => total + (single?.dropped ?? 0), 0);
  }

  forget(): void {
    this.#computed.forget();
    this.#router.forget();
  }

  snapshot(): Snapshot {
    return {
      router: this.#router.snapshot(),
      dropped: Float64Array.from(this.#singles, (single) => single?.dropped ?? 0),
      lists: this.#lists.snapshot(),
      stores: this.stores.map((store) => store.snapshot()),
    };
  }

  /** @param isShared somebody else may have the snapshot's memory */
  restore(snapshot: Snapshot, isShared: boolean): void {
    const from = snapshot as { router: Snapshot; dropped: Float64Array; lists: Snapshot; stores: Snapshot[] };
    this.#router.restore(from.router);
    this.#singles.forEach((single, i) => {
      if (single !== null) single.dropped = from.dropped[i];
    });
    this.#lists.restore(from.lists);
    from.stores.forEach((store, i) => {
      this.stores[i].restore(store, isShared);
    });
  }
}
