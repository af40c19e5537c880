import type { Emission } from '../fold/emission.ts';
import type { Observed } from '../fold/observed.ts';
import type { StoreOperator } from '../fold/store-operator.ts';
import type { LookupTable } from '../lookups/lookup-table.ts';
import type { LookupVersions } from '../lookups/lookup-versions.ts';
import { ACROSS_TENANT, type Conjunct, TENANT_COLUMN } from '../program.ts';
import { type ColumnShape, writeValue } from '../route/column-values.ts';
import type { Symbols } from '../route/symbols.ts';
import type { Snapshot } from '../snapshot.ts';
import { OTHER_SHARD } from '../state/key-table.ts';
import type { Value } from '../value.ts';
import type { Calendar } from './calendar.ts';
import type { WindowParts } from './timed-window.ts';

/** What the keys of a lookup are asked of: where it is read, and since when tenants are known. */
export interface Expectation {
  readonly lookup: LookupVersions;
  readonly observed: Observed;
  readonly symbols: Symbols;
  /** How a part of the key is stored. */
  readonly shapes: readonly ColumnShape[];
  /** Columns that hold a row's own time: of what has no row that is the window's last moment. */
  readonly times: readonly number[];
  /** Keys times tenants that are gone through at a window's end. */
  readonly most: number;
}

/** A key of the lookup that may be expected, with the numbers of its parts. */
interface ExpectedKey {
  readonly values: readonly Value[];
  readonly raws: readonly number[];
}

/**
 * WITH EMPTY KEYS OF a lookup: at each window's end the lookup's keys, as of the window's last moment, that had no event
 * in the window give a row with count 0, for every tenant whose first event is not after the window's start. A key that
 * is silent costs no state, so that other keys cannot drive it out of memory: all keys are gone through at each end, for
 * the tenants that came first, as many as keep keys times tenants within a bound. What the lookup's key alone decides is
 * decided once for all tenants.
 */
export class ExpectedKeys {
  readonly #parts: WindowParts;
  readonly #operator: StoreOperator;
  readonly #calendar: Calendar;
  readonly #expectation: Expectation;
  /**
   * What WHERE asks of the key, of the key with the time, or of the tenant with either: a key that does not pass it at the
   * window's last moment is not expected. Those that read the tenant are asked for each tenant, the others once.
   */
  readonly #ofKey: readonly Conjunct[];
  readonly #ofTenant: readonly Conjunct[];
  readonly #across: string | null;
  /** HOPPING rules: silent keys whose window was true, by text, and the last such start: a run may go on from it. */
  readonly #trueAt = new Map<string, number>();
  #start = Number.NaN;
  /** When the next window's silence is judged; Infinity before the first event. */
  due = Number.POSITIVE_INFINITY;

  constructor(parts: WindowParts, operator: StoreOperator, calendar: Calendar, expectation: Expectation) {
    this.#parts = parts;
    this.#operator = operator;
    this.#calendar = calendar;
    this.#expectation = expectation;
    const { where, key, across } = operator.spec;
    this.#across = across === true ? ACROSS_TENANT : null;
    const { times } = expectation;
    const own = new Set([...(key ?? []), ...(across === true ? [] : [TENANT_COLUMN])]);
    const conditions = where.filter(
      ({ columns }) =>
        columns.some((column) => own.has(column)) &&
        columns.every((column) => own.has(column) || times.includes(column)),
    );
    this.#ofKey = conditions.filter(({ columns }) => !columns.includes(TENANT_COLUMN));
    this.#ofTenant = conditions.filter(({ columns }) => columns.includes(TENANT_COLUMN));
  }

  /** The first window that is observed whole is the first whose silence is judged. Must be called before rows are folded. */
  begin(): void {
    const { from_ms } = this.#expectation.observed;
    if (this.due < Number.POSITIVE_INFINITY || from_ms === Number.POSITIVE_INFINITY || !Number.isNaN(this.#start))
      return;
    this.#start = this.#calendar.startOf(from_ms);
    if (this.#start < from_ms) this.#start = this.#calendar.next(this.#start);
    this.due = this.#calendar.endOf(this.#start);
  }

  /**
   * The window that is due has ended, and states that are due at its end were not yet told. `isKept` says whether the
   * store remembers something of a key for this operator: then that judges the window. `unknownTo`: by key group the
   * time up to which events may have been forgotten. Returns how many keys of tenants the bound left out.
   */
  judge(reached: number, isKept: (key: number) => boolean, unknownTo: Float64Array, out: Emission[]): number {
    const start = this.#start;
    if (start > reached) {
      this.due = Number.POSITIVE_INFINITY;
      return 0;
    }
    const end = this.due;
    const { lookup, observed, symbols } = this.#expectation;
    const { table } = lookup.at(end - 1);
    const keys = this.#keysOf(table, end);
    let dropped = 0;
    if (this.#across !== null) this.#judgeTenant(symbols.idOf(this.#across), keys, end, isKept, unknownTo, out);
    else {
      let left = this.#mostTenants(table);
      for (const [tenant, since_ms] of observed.tenants) {
        if (since_ms > start) break;
        if (left-- > 0) this.#judgeTenant(tenant, keys, end, isKept, unknownTo, out);
        else dropped += keys.length;
      }
    }
    for (const [text, last] of this.#trueAt) if (last < this.#calendar.previous(start)) this.#trueAt.delete(text);
    this.#start = this.#calendar.next(start);
    this.due = this.#calendar.endOf(this.#start);
    return dropped;
  }

  /** At least one, so that a large lookup is of use. It follows from the lookup alone. */
  #mostTenants(table: LookupTable | null): number {
    return Math.max(1, Math.floor(this.#expectation.most / Math.max(1, table?.keys ?? 0)));
  }

  #keysOf(table: LookupTable | null, end: number): ExpectedKey[] {
    const { symbols, shapes } = this.#expectation;
    const keys: ExpectedKey[] = [];
    for (const values of table?.keysAt(end - 1) ?? []) {
      if (!this.#passes(this.#ofKey, '', values, end)) continue;
      keys.push({ values, raws: values.map((value, k) => writeValue(shapes[k].storage, value, symbols)) });
    }
    return keys;
  }

  #judgeTenant(
    tenant: number,
    keys: readonly ExpectedKey[],
    end: number,
    isKept: (key: number) => boolean,
    unknownTo: Float64Array,
    out: Emission[],
  ): void {
    const table = this.#parts.keys;
    const name = this.#expectation.symbols.textOf(tenant);
    for (const { values, raws } of keys) {
      const key = table.findParts(tenant, raws);
      if (key === OTHER_SHARD || (key >= 0 && isKept(key))) continue;
      if (this.#start <= unknownTo[key >= 0 ? table.groupOf(key) : table.group]) continue;
      if (!this.#passes(this.#ofTenant, name, values, end)) continue;
      const { judgement } = this.#parts;
      const emission = judgement.ofSilence(this.#operator, name, values, this.#start, end);
      if (emission !== null && !this.goesOn(name, values, this.#start)) out.push(emission);
      if (emission !== null) this.#remember(name, values);
    }
  }

  #remember(tenant: string, values: readonly Value[]): void {
    const { is_view, spec } = this.#operator;
    if (spec.window?.kind === 'hopping' && !is_view) this.#trueAt.set(textOf(tenant, values), this.#start);
  }

  /** HOPPING rules: whether the window before this one was a true one without rows. */
  goesOn(tenant: string, values: readonly Value[], start: number): boolean {
    if (this.#trueAt.size === 0) return false;
    return this.#trueAt.get(textOf(tenant, values)) === this.#calendar.previous(start);
  }

  /** Whether the lookup has a key, that had events before, in the window without any. */
  isExpected(tenant: string, values: readonly Value[], start: number, end: number, reached: number): boolean {
    if (start > reached) return false;
    const { table } = this.#expectation.lookup.at(end - 1);
    if (table === null || !this.#isObserved(tenant, start, table)) return false;
    if (table.rowAt(table.match(values), end - 1) < 0) return false;
    return this.#passes(this.#ofKey, tenant, values, end) && this.#passes(this.#ofTenant, tenant, values, end);
  }

  #isObserved(tenant: string, start: number, table: LookupTable): boolean {
    const { observed, symbols } = this.#expectation;
    if (this.#across !== null) return observed.from_ms <= start;
    const wanted = symbols.idOf(tenant);
    let left = this.#mostTenants(table);
    for (const [id, since_ms] of observed.tenants) {
      if (id === wanted) return since_ms <= start;
      if (--left === 0) return false;
    }
    return false;
  }

  #passes(conditions: readonly Conjunct[], tenant: string, values: readonly Value[], end: number): boolean {
    const { key } = this.#operator.spec;
    const { times } = this.#expectation;
    const seen = (column: number): Value => {
      if (column === TENANT_COLUMN) return tenant;
      return times.includes(column) ? end - 1 : values[key?.indexOf(column) ?? 0];
    };
    return conditions.every(({ columns, test }) => test(columns.map(seen)) === true);
  }

  snapshot(): Snapshot {
    return {
      times: Float64Array.of(this.#start, this.due),
      keys: [...this.#trueAt.keys()],
      trueAt: Float64Array.from(this.#trueAt.values()),
    };
  }

  restore(snapshot: Snapshot): void {
    const from = snapshot as { times: Float64Array; keys: string[]; trueAt: Float64Array };
    [this.#start, this.due] = from.times;
    this.#trueAt.clear();
    from.keys.forEach((key, i) => {
      this.#trueAt.set(key, from.trueAt[i]);
    });
  }
}

function textOf(tenant: string, values: readonly Value[]): string {
  return JSON.stringify([tenant, ...values]);
}
