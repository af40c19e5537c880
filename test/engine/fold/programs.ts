import type {
  AggregateSpec,
  Batch,
  ColumnSpec,
  Conjunct,
  GroupResult,
  JoinSpec,
  LowerBound,
  OperatorSpec,
  Program,
  StreamSpec,
  Truth,
  Value,
  ValueType,
  WindowSpec,
} from '../../../engine/index.ts';
import { eventSchemaV1, TENANT_COLUMN, TIMESTAMP_COLUMN } from '../../../engine/index.ts';
import type { Symbols } from '../../../engine/route/symbols.ts';
import type {
  AggregateRule,
  Condition,
  JoinRule,
  SimulationEvent,
  SimulationRule,
  WindowRule,
} from '../../simulation/case.ts';
import { evaluate } from '../../simulation/naive-oracle.ts';

const eventColumns: readonly [string, ValueType][] = [
  ['type', 'string'],
  ['k1', 'string'],
  ['k2', 'string'],
  ['x', 'int'],
  ['ip', 'string'],
  ['res', 'string'],
];

function fieldColumn(name: string, type: ValueType): ColumnSpec {
  const storage = type === 'int' || type === 'float' || type === 'bool' ? 'number' : 'id';
  return { kind: 'field', name, path: [name], type, storage, conversion: 'declared' };
}

/** Streams and operators straight from rules of the JSON form, without the compiler. */
export class ProgramBuilder {
  readonly #streams: { name: string; columns: ColumnSpec[]; join?: JoinSpec }[] = [
    { name: 'events', columns: eventColumns.map(([name, type]) => fieldColumn(name, type)) },
  ];
  readonly #depths = [0];
  readonly #operators: OperatorSpec[] = [];
  readonly #sums: boolean;

  /** `sums_are_bounds`: the test's sums are never over negative values, so that a sum is a lower bound (S8). */
  constructor(options: { sums_are_bounds: boolean } = { sums_are_bounds: false }) {
    this.#sums = options.sums_are_bounds;
  }

  add(rule: SimulationRule): this {
    if (rule.kind === 'window') this.#operators.push(this.#window(rule));
    else if (rule.kind === 'single') this.#operators.push(this.#single(rule.name, rule.where));
    else if (rule.kind === 'join') this.#join(rule);
    else throw new Error(`${rule.kind} is not a rule of the fold yet`);
    return this;
  }

  build(): Program {
    const order = (a: OperatorSpec, b: OperatorSpec) => a.depth - b.depth || (a.name < b.name ? -1 : 1);
    return {
      settings: { lateness_ms: 0, idle_ms: 0, max_ahead_ms: 0, dedup_horizon_ms: 0 },
      schema: eventSchemaV1,
      streams: this.#streams as StreamSpec[],
      operators: [...this.#operators].sort(order),
      hash: 'test',
    };
  }

  #single(name: string, where: Condition): OperatorSpec {
    const condition = this.#conjuncts(0, where);
    const blank = {
      key: null,
      window: null,
      aggregates: [],
      having: null,
      having_reads: [],
      bounds: [],
      bounds_are_exact: false,
    };
    return { ...common(name, 'rule', 0, 0, -1), where: condition, ...blank, suppress: null, outputs: [] };
  }

  /** A stream of pairs, and a rule without a window over it. */
  #join({ name, left, right, on, before, after, left_join }: JoinRule): void {
    const sideOf = (where: Condition | null, fields: string[]): JoinSpec['left'] => ({
      ...{ stream: 0, where: where === null ? [] : this.#conjuncts(0, where) },
      key: fields.map((field) => this.#column(0, field)),
    });
    const join = {
      left: sideOf(
        left.where,
        on.map(([field]) => field),
      ),
      right: sideOf(
        right.where,
        on.map(([, field]) => field),
      ),
      ...{
        before_ms: before,
        after_ms: after,
        residual: null,
        key_names: on.map(([name]) => name),
        kind: left_join ? ('left' as const) : ('inner' as const),
        sources: [],
      },
    };
    const input = this.#streams.push({ name: `pairs of ${name}`, columns: [], join }) - 1;
    this.#depths.push(0);
    this.#operators.push({ ...this.#single(name, ['and']), input });
  }

  #window(rule: WindowRule): OperatorSpec {
    const input = rule.input === undefined ? 0 : this.#streams.findIndex((stream) => stream.name === rule.input);
    const key = rule.group_by.map((name) => this.#column(input, name));
    const aggregates = rule.aggs.map((a) => this.#aggregate(input, a));
    const growing = ['count', 'count_distinct', 'max', ...(this.#sums ? ['sum'] : [])];
    const rising = rule.aggs.map((a) => (growing.includes(a.fn) ? a.as : null));
    const bounds = lowerBounds(rule.having, rising);
    const isMonotone = monotone(rule.having, rising);
    const decided = rule.emit === 'auto' && isMonotone ? 'early' : 'end';
    const types = [...key.map((column) => this.#typeOf(input, column)), ...aggregates.map((a) => a.type)];
    const names = [...rule.group_by, ...rule.aggs.map((a) => a.as)];
    const outputs = names.map((name, i) => ({
      name,
      type: types[i],
      evaluate: (r: GroupResult) => (i < key.length ? r.key[i] : r.aggregates[i - key.length]),
    }));
    const spec = common(
      rule.name,
      rule.view ? 'view' : 'rule',
      this.#depths[input],
      input,
      rule.view ? this.#streams.length : -1,
    );
    if (rule.view) {
      this.#streams.push({ name: rule.name, columns: outputs.map((o) => fieldColumn(o.name, o.type)) });
      this.#depths.push(this.#depths[input] + 1);
    }
    return {
      ...spec,
      where: rule.where === null ? [] : this.#conjuncts(input, rule.where),
      key,
      key_names: rule.group_by,
      window: windowSpec(rule.window, decided),
      aggregates,
      having: (r) =>
        evaluate(rule.having, {}, Object.fromEntries(rule.aggs.map((a, i) => [a.as, r.aggregates[i]]))) as Truth,
      having_reads: rule.aggs.flatMap((a, i) =>
        JSON.stringify(rule.having).includes(JSON.stringify(['a', a.as])) ? [i] : [],
      ),
      bounds: bounds.found,
      bounds_are_exact: bounds.are_exact,
      outputs,
      suppress: rule.suppress
        ? {
            by: rule.suppress.by.map((name) => ({ from: 'key', index: rule.group_by.indexOf(name) })),
            for_ms: rule.suppress.for,
            reset: rule.suppress.reset,
          }
        : null,
    };
  }

  #typeOf(stream: number, column: number): ValueType {
    if (column === TENANT_COLUMN) return 'string';
    return column === TIMESTAMP_COLUMN ? 'timestamp' : this.#streams[stream].columns[column].type;
  }

  #column(stream: number, name: string): number {
    if (name === 'tenant_id') return TENANT_COLUMN;
    return name === 'timestamp'
      ? TIMESTAMP_COLUMN
      : this.#streams[stream].columns.findIndex((column) => column.name === name);
  }

  #aggregate(stream: number, rule: AggregateRule): AggregateSpec {
    const column = rule.field === undefined ? null : this.#column(stream, rule.field);
    const type = this.#aggregateType(stream, rule);
    const filter = rule.filter === undefined ? null : this.#computed(stream, rule.filter);
    const second = rule.second ?? 100;
    const distinct = rule.fn === 'array_agg_distinct';
    const rest = { limit: second >= 1 ? second : 0, fraction: second, distinct, non_negative: false };
    return { function: rule.fn === 'array_agg_distinct' ? 'array_agg' : rule.fn, column, type, filter, ...rest };
  }

  #aggregateType(stream: number, { fn, field }: AggregateRule): ValueType {
    if (field === undefined || fn === 'count' || fn === 'count_distinct' || fn === 'approx_count_distinct')
      return 'int';
    if (['array_agg', 'array_agg_distinct', 'top'].includes(fn)) return 'array';
    if (fn === 'stddev' || fn === 'entropy') return 'float';
    return this.#typeOf(stream, this.#column(stream, field));
  }

  /** A computed bool column, as FILTER (WHERE ...) needs it. */
  #computed(stream: number, condition: Condition): number {
    const inputs = fieldsOf(condition).map((name) => this.#column(stream, name));
    const { columns } = this.#streams[stream];
    return (
      columns.push({
        kind: 'computed',
        name: `filter${columns.length}`,
        type: 'bool',
        storage: 'number',
        inputs,
        evaluate: (values) => evaluate(condition, Object.fromEntries(zip(fieldsOf(condition), values)), {}),
      }) - 1
    );
  }

  #conjuncts(stream: number, where: Condition): Conjunct[] {
    const parts = where[0] === 'and' ? (where.slice(1) as Condition[]) : [where];
    return parts.map((part) => {
      const fields = fieldsOf(part);
      const columns = fields.map((name) => this.#column(stream, name));
      const test = (values: readonly Value[]) => evaluate(part, Object.fromEntries(zip(fields, values)), {}) as Truth;
      const isNumber = columns.length === 1 && this.#typeOf(stream, columns[0]) === 'int';
      const comparison = isNumber && isField(part[1]) ? comparisonOf(part) : undefined;
      if (comparison !== undefined) return { columns, test, comparison };
      const values = columns.length === 1 ? onlyValues(part) : null;
      return values === null ? { columns, test } : { columns, test, values };
    });
  }
}

/** The only values for which `field = text` or `field IN (texts)` can be true. */
function onlyValues(c: Condition): string[] | null {
  if (c[0] === 'in' && isField(c[1])) return c[2].filter((value) => typeof value === 'string');
  const value = c[0] === '=' && isField(c[1]) && c[2][0] === 'v' ? c[2][1] : null;
  return typeof value === 'string' ? [value] : null;
}

const isField = (part: unknown) => Array.isArray(part) && part[0] === 'f';

function comparisonOf(c: Condition): Conjunct['comparison'] {
  const constant = Array.isArray(c[2]) && c[2][0] === 'v' ? c[2][1] : null;
  if (typeof constant !== 'number') return undefined;
  const operator = (['=', '<>', '<', '<=', '>', '>='] as const).find((o) => o === c[0]);
  return operator === undefined ? undefined : { operator, constant };
}

function common(name: string, kind: 'rule' | 'view', depth: number, input: number, output_stream: number) {
  const metadata = { title: [], severity: 'info', confidence: null, attack: [], entity: null } as const;
  return {
    ...{ name, kind, depth, input, output_stream, plan_hash: 'hash', row_columns: [], evidence_limit: 20 },
    key_names: [] as readonly string[],
    metadata: { ...metadata, description: null, runbook: null, tags: [], references: [] },
  };
}

const zip = (names: string[], values: readonly Value[]): [string, string | number | boolean | null][] =>
  names.map((name, i) => [name, values[i] as string | number | boolean | null]);

function fieldsOf(c: Condition): string[] {
  if (c[0] === 'f') return [c[1]];
  if (c[0] === 'v' || c[0] === 'a' || c[0] === 'ref') return [];
  const parts = c[0] === 'in' ? [c[1]] : (c.slice(1) as Condition[]);
  return [...new Set(parts.flatMap(fieldsOf))];
}

/** `rising`: by aggregate, its alias if more rows can only raise it. */
function monotone(c: Condition, rising: readonly (string | null)[]): boolean {
  if (c[0] === 'and' || c[0] === 'or') return (c.slice(1) as Condition[]).every((part) => monotone(part, rising));
  if ((c[0] !== '>' && c[0] !== '>=') || c[1][0] !== 'a' || c[2][0] !== 'v') return false;
  return c[2][1] !== null && rising.includes(c[1][1]);
}

/** `alias >= constant` and `alias > integer` on an insert-monotone aggregate. */
function boundOf(c: Condition, rising: readonly (string | null)[]): LowerBound | null {
  if ((c[0] !== '>' && c[0] !== '>=') || c[1][0] !== 'a' || c[2][0] !== 'v' || typeof c[2][1] !== 'number') return null;
  const aggregate = rising.indexOf(c[1][1]);
  return aggregate < 0 ? null : { aggregate, least: c[0] === '>' ? c[2][1] + 1 : c[2][1] };
}

function lowerBounds(
  having: Condition,
  rising: readonly (string | null)[],
): { found: LowerBound[]; are_exact: boolean } {
  const parts = having[0] === 'and' ? (having.slice(1) as Condition[]) : [having];
  const bounds = parts.map((part) => boundOf(part, rising));
  return { found: bounds.filter((bound) => bound !== null), are_exact: bounds.every((bound) => bound !== null) };
}

type TestEvent = SimulationEvent & { event_id: string; seq: number };

/** Events in total order (S2). */
export function inTotalOrder(events: readonly TestEvent[]): TestEvent[] {
  const bytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
  return [...events].sort(
    (a, b) =>
      a.timestamp - b.timestamp || a.seq - b.seq || bytes(a.event_id, b.event_id) || bytes(a.tenant_id, b.tenant_id),
  );
}

/** A batch of `events` rows. */
export function batchOf(events: readonly TestEvent[], symbols: Symbols, program?: Program): Batch {
  const ids = events.map((event) => Buffer.from(event.event_id));
  const idStart = new Int32Array(events.length + 1);
  ids.forEach((id, i) => {
    idStart[i + 1] = idStart[i] + id.length;
  });
  return {
    count: events.length,
    time: Float64Array.from(events, (event) => event.timestamp),
    seq: Float64Array.from(events, (event) => event.seq),
    tenant: Int32Array.from(events, (event) => symbols.idOf(event.tenant_id)),
    idStart,
    idBytes: new Uint8Array(Buffer.concat(ids)),
    partition: new Int32Array(events.length),
    position: new Float64Array(events.length),
    columns: columnsOf(program).map(([name, type]) => {
      const values = events.map((event) => (event as unknown as Record<string, string | number | null>)[name] ?? null);
      if (type === 'int' || type === 'float')
        return Float64Array.from(values, (value) => (value === null ? Number.NaN : Number(value)));
      const textOf = (value: unknown) => (Array.isArray(value) ? JSON.stringify(value) : String(value));
      return Int32Array.from(values, (value) => (value === null ? 0 : symbols.idOf(textOf(value))));
    }),
  };
}

/** The fields that a program reads of events, in its order: that of a compiled one is its own. */
function columnsOf(program: Program | undefined): readonly (readonly [string, string])[] {
  const fields = program?.streams[0].columns.filter((column) => column.kind === 'field');
  return fields?.map(({ name, type }) => [name, type] as const) ?? eventColumns;
}

function windowSpec(window: WindowRule['window'], decided: 'early' | 'end'): WindowSpec {
  if (window.type === 'sliding') return { kind: 'sliding', size_ms: window.size };
  if (window.type === 'session') {
    const { gap, max } = window;
    return { kind: 'session', gap_ms: gap, max_ms: max ?? null, size_ms: max ?? gap, decided };
  }
  const { size, offset, empty } = window;
  const aligned = {
    ...{ size_ms: size, decided: empty ? 'end' : decided },
    ...(offset ? { calendar: { offset_ms: offset, startOf: null } } : {}),
    ...(empty ? { empty_ms: empty } : {}),
  };
  if (window.type === 'tumbling') return { kind: 'tumbling', ...aligned };
  return { kind: 'hopping', advance_ms: window.advance, ...aligned };
}
