import { limits } from '../../engine/index.ts';
import type { Checked, CheckedColumn, CheckedJoin, CheckedOperator, CheckedSelect } from '../check/checked.ts';
import { identity } from '../check/checked.ts';
import type { CheckedProgram } from '../check/program.ts';
import { conjunctsOf } from '../plan/lower.ts';
import { aggregateKnown, type GroupRows } from './aggregate-ranges.ts';
import { evaluate } from './evaluate.ts';
import { Facts, type Ground, noGround } from './facts.ts';
import { anything, between, both, either, exactly, type Known } from './known.ts';
import { mostRows, type WindowRows, windowRows } from './window-rows.ts';

type Columns = (column: CheckedColumn) => Known;

/** What is certain of the columns of each stream and view, from what declares or makes them. */
export class Sources {
  readonly #views = new Map<string, ReadonlyMap<string, Known>>();
  readonly #stream: CheckedProgram['stream'];
  readonly #rows: Map<string, WindowRows> = new Map();
  readonly #keys: ReadonlyMap<string, readonly string[]>;

  constructor({ stream, lookups }: CheckedProgram) {
    this.#stream = stream;
    this.#keys = new Map(lookups.map(({ name, key }) => [name, key]));
  }

  /** Remembers what the rows of a view can be; views come before those who read them. */
  add(view: CheckedOperator, isDecidedAtEnd: boolean): void {
    const { name, select, tunes } = view;
    const rows = tunes.length > 0 ? null : windowRows(view, isDecidedAtEnd);
    if (rows !== null) this.#rows.set(name, rows);
    // What it is for some tenants has other constants.
    if (tunes.length > 0) {
      this.#views.set(name, new Map());
      return;
    }
    const facts = select.window === null ? this.afterWhere(select) : this.afterHaving(select);
    const columns = new Map<string, Known>();
    for (const { name: column, aliases, expression } of select.outputs) {
      const known = evaluate(expression, facts);
      for (const one of [column, ...aliases]) columns.set(one, known);
    }
    this.#views.set(name, columns);
  }

  /** The rows of a UNION ALL are those of its branches, which come before it. */
  addUnion({ name, branches, columns }: CheckedProgram['unions'][number]): void {
    const known = columns.map(({ name: column, type }): [string, Known] => {
      const ofBranches = branches.map((branch) => this.#views.get(branch)?.get(column) ?? anything(type));
      return [column, ofBranches.reduce(either)];
    });
    this.#views.set(name, new Map(known));
  }

  /** Whether a SELECT reads events one by one: of the stream, not of a view, a join or arrays. */
  readsEvents({ input, join, unnests }: CheckedSelect): boolean {
    return input === this.#stream.name && join === null && unnests.length === 0;
  }

  /** Of the rows of a SELECT's input, before WHERE. */
  rowsOf(select: CheckedSelect): Facts {
    const column = select.join === null ? this.#columnsOf(select.input) : this.#joined(select.join);
    const { join } = select;
    const isView = (input: string) => this.#views.has(input);
    const facts = new Facts({
      ...noGround,
      column,
      isKeyOf: (lookup, name) => this.#keys.get(lookup)?.includes(name) ?? false,
      difference: (a, b) => pairDifference(a, b, join, isView),
    });
    if (join !== null) learnJoin(join, facts);
    return facts;
  }

  afterWhere(select: CheckedSelect): Facts {
    const facts = this.rowsOf(select);
    learnAll(select.where, facts);
    return facts;
  }

  /** Of a group before HAVING; `rows` is how many it can have. */
  groupOf(select: CheckedSelect, least_rows: number, most_rows: number): Facts {
    const rows = this.afterWhere(select);
    const keys = new Set((select.key ?? []).map(({ expression }) => identity(expression)));
    const group: GroupRows = { rows, least_rows, most_rows, keys };
    const ground: Ground = {
      column: rows.ground.column,
      isKeyOf: rows.ground.isKeyOf,
      // NULL in a key: the row is in no group (S8).
      key: (index) => {
        const part = select.key?.[index];
        // A silent key of a lookup has no row that WHERE could have asked.
        if (part !== undefined && expectsKeys(select)) return { ...anything(part.expression.type), null: false };
        return part === undefined ? between(null, null, false) : { ...evaluate(part.expression, rows), null: false };
      },
      aggregate: (call, facts) => aggregateKnown(call, group, facts),
      difference: (a, b) => difference(a, b, select, this.#views.has(select.input)),
    };
    return new Facts(ground);
  }

  afterHaving(select: CheckedSelect): Facts {
    const facts = this.groupOf(select, seesSilence(select) ? 0 : 1, limits.rows_per_key);
    learnAll(select.having, facts);
    return facts;
  }

  /** How many rows of the view that it reads a group can have; null: its windows bound none. */
  viewRows({ select, across }: CheckedOperator): number | null {
    const view = this.#rows.get(select.input);
    if (view === undefined || across !== null || select.join !== null || select.unnests.length > 0) return null;
    return mostRows(select, view);
  }

  #columnsOf(input: string): Columns {
    const view = this.#views.get(input);
    if (view !== undefined) return ({ name, type }) => view.get(name) ?? always(name) ?? anything(type);
    const required = new Set(this.#stream.schema.fields.filter((field) => field.required).map(({ name }) => name));
    return ({ name, type, conversion }) => {
      if (required.has(name) && conversion === 'declared') return { ...anything(type), null: false };
      return always(name) ?? anything(type);
    };
  }

  #joined(join: CheckedJoin): Columns {
    const sides = new Map<string, Columns>();
    for (let one: CheckedJoin | null = join; one !== null; one = one.left.join) {
      const right = this.#columnsOf(one.right.input);
      const isOuter = one.kind === 'left';
      sides.set(one.right.alias, (column) => (isOuter ? { ...right(column), null: true } : right(column)));
      if (one.left.join === null) sides.set(one.left.alias, this.#columnsOf(one.left.input));
    }
    return (column) => {
      const [alias = '', ...path] = column.path;
      const side = sides.get(alias);
      if (side === undefined || path.length === 0) return always(column.name) ?? anything(column.type);
      return side({ ...column, name: column.name.slice(alias.length + 1), path });
    };
  }
}

/** What every row has. */
function always(name: string): Known | null {
  return name === 'timestamp' || name === 'tenant_id' ? between(null, null, false) : null;
}

function learnJoin(join: CheckedJoin, facts: Facts): void {
  for (const condition of conditionsOfPairs(join)) facts.learn(condition);
}

/** What is true of every row that a join gives: its ON, or what stands in its EXISTS. */
export function conditionsOfPairs(join: CheckedJoin): readonly Checked[] {
  const before = join.left.join === null ? [] : conditionsOfPairs(join.left.join);
  // A row without a partner may be there: what ON or NOT EXISTS says is not true of it.
  if (join.kind === 'left' || join.kind === 'anti') return before;
  return [...before, ...conditionsOfJoin(join)];
}

/** What ON says, or what stands in an EXISTS: of a row and one of its partners. */
export function conditionsOfJoin({ keys, left_where, right_where, residual, span }: CheckedJoin): readonly Checked[] {
  const equal = keys.map(({ left, right }): Checked => {
    return { kind: 'call', function: '=', arguments: [left, right], type: 'bool', span };
  });
  return [...equal, ...left_where, ...right_where, ...residual];
}

/** `b.timestamp - a.timestamp` of two sides that a join's WITHIN holds together. */
function pairDifference(
  a: Checked,
  b: Checked,
  join: CheckedJoin | null,
  isView: (input: string) => boolean,
): Known | null {
  if (join === null || a.kind !== 'column' || b.kind !== 'column') return null;
  const { left, right, kind } = join;
  // A row of a join has no time of its own in the text; a view may have a column of its own that is called timestamp.
  if (left.join !== null) return pairDifference(a, b, left.join, isView);
  if (kind === 'anti' || join.as_of || isView(left.input) || isView(right.input)) return null;
  if ([...left.unnests, ...right.unnests].some(({ column }) => column === 'timestamp')) return null;
  const isOf = (column: CheckedColumn, alias: string) => column.path.join('.') === `${alias}.timestamp`;
  const mayBeNull = kind === 'left';
  if (isOf(a, right.alias) && isOf(b, left.alias)) return between(-join.before_ms, join.after_ms, mayBeNull);
  if (isOf(a, left.alias) && isOf(b, right.alias)) return between(-join.after_ms, join.before_ms, mayBeNull);
  return null;
}

/** What one condition says may make another one say more: twice is enough for what people write. */
function learnAll(condition: Checked | null, facts: Facts): void {
  for (let round = 0; round < 2; round++) for (const one of conjunctsOf(condition)) facts.learn(one);
}

/** Whether windows without events have rows (WITH EMPTY). */
export function seesSilence({ window }: CheckedSelect): boolean {
  return (
    window !== null &&
    window.kind !== 'sliding' &&
    window.kind !== 'session' &&
    (window.empty_ms ?? window.empty_keys) !== undefined
  );
}

/** Whether keys that never had an event have rows (WITH EMPTY KEYS OF). */
function expectsKeys({ window }: CheckedSelect): boolean {
  return window !== null && 'empty_keys' in window && window.empty_keys !== undefined;
}

/** Times of one window lie within its length of each other. */
function difference(a: Checked, b: Checked, select: CheckedSelect, isView: boolean): Known | null {
  const length_ms = longest(select);
  if (length_ms === null) return null;
  if (a.kind === 'window_end' && b.kind === 'window_start') {
    return select.window?.kind === 'session' ? between(0, length_ms, false) : exactly(length_ms);
  }
  // A view may have a column of its own that is called timestamp.
  if (isView || select.join !== null || !isTime(a) || !isTime(b)) return null;
  const isOrdered = a.kind === 'aggregate' && b.kind === 'aggregate' && a.function === 'max' && b.function === 'min';
  // A FILTER may leave no row of one of them.
  const mayBeNull = [a, b].some((one) => one.kind === 'aggregate' && one.filter !== null) || seesSilence(select);
  const inOrder = isOrdered && a.filter === null && b.filter === null;
  // Both ends of a SLIDING window are in it; other windows are over before they are as long as that.
  const range = between(inOrder ? 0 : -length_ms, length_ms, mayBeNull);
  return select.window?.kind === 'sliding' ? range : within(-length_ms, range, length_ms);
}

/** Neither end is reached. */
function within(least_ms: number, range: Known, greatest_ms: number): Known {
  const open: Known = {
    ...range,
    least: { value: least_ms, open: true },
    greatest: { value: greatest_ms, open: true },
  };
  return both(range, open, 'duration');
}

const timesOfRows: ReadonlySet<string> = new Set(['min', 'max', 'first', 'last', 'any_value']);

/** The time of one of the window's rows. */
function isTime(expression: Checked): boolean {
  if (expression.kind !== 'aggregate' || expression.argument?.kind !== 'column') return false;
  const { path } = expression.argument;
  return path.length === 1 && path[0] === 'timestamp' && timesOfRows.has(expression.function);
}

/** The greatest distance of two rows in a window; null where a calendar or nothing bounds it. */
function longest({ window }: CheckedSelect): number | null {
  if (window === null) return null;
  if (window.kind === 'session') return window.max_ms;
  if (window.kind !== 'sliding' && window.zone !== undefined) return null;
  return window.size_ms;
}
