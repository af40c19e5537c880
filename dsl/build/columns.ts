import {
  type ColumnSpec,
  type ColumnStorage,
  type ComputedColumn,
  type FieldColumn,
  type LookupColumn,
  type StreamSpec,
  TENANT_COLUMN,
  TIMESTAMP_COLUMN,
  type Value,
  type ValueType,
} from '../../engine/index.ts';
import type { ColumnExpression, Expression, LookupExpression, LookupPlan, OperatorPlan } from '../plan/plan.ts';
import { compileExpression, type Evaluate, type Leaf } from './compile-expression.ts';
import { FailureSites } from './failure-sites.ts';
import { columnsIn, rowLeavesIn } from './walk.ts';

const idTypes: ReadonlySet<ValueType> = new Set(['string', 'ip', 'cidr', 'array', 'null']);

export function storageOf(type: ValueType): ColumnStorage {
  return idTypes.has(type) ? 'id' : 'number';
}

/** Every expression of an operator that is evaluated over rows of its input. */
export function rowExpressions(operator: OperatorPlan): Expression[] {
  const aggregates = operator.aggregates.flatMap(({ argument, filter }) => [argument, filter]);
  const rows = operator.key === null ? operator.outputs : operator.key;
  return [...operator.where, ...aggregates, ...rows.map(({ expression }) => expression)].filter((one) => one !== null);
}

/** What is known of how a stream is made: the names under which it has columns of its own. */
interface MadeBy {
  readonly outputs: readonly { readonly name: string }[];
}

/**
 * The columns of one stream: first the fields that its readers read (in the order of first use), then what is
 * computed from them. Equal expressions are one column, so that rules that group by the same key share its rows.
 */
export class StreamColumns {
  readonly #name: string;
  /** The view that makes the stream (a join selects nothing under a plain name); null for events. */
  readonly #view: MadeBy | null;
  readonly #lookups: readonly LookupPlan[];
  readonly #columns: ColumnSpec[] = [];
  /** As they are read, in the order of the field columns. */
  readonly fields: ColumnExpression[] = [];
  readonly #indexes = new Map<string, number>();
  readonly #failures: FailureSites;
  /** By computed column: who reads it, to be told where it fails. */
  readonly #readers = new Map<number, Set<string>>();

  constructor(
    name: string,
    view: MadeBy | null,
    read: readonly Expression[],
    lookups: readonly LookupPlan[] = [],
    failures: FailureSites = new FailureSites(),
  ) {
    this.#name = name;
    this.#view = view;
    this.#lookups = lookups;
    this.#failures = failures;
    for (const column of read.flatMap(columnsIn)) this.#addField(column);
  }

  #pseudoColumn({ name }: ColumnExpression): number | null {
    // A view may select something under these names; then its readers mean that.
    if (this.#view?.outputs.some((output) => output.name === name)) return null;
    if (name === 'timestamp') return TIMESTAMP_COLUMN;
    return name === 'tenant_id' ? TENANT_COLUMN : null;
  }

  #fieldOf(column: ColumnExpression): FieldColumn {
    const { name, type } = column;
    const storage = storageOf(type);
    if (this.#view === null) return { ...column, kind: 'field', storage };
    return { kind: 'field', name, path: [name], type, storage, conversion: 'declared' };
  }

  #addField(column: ColumnExpression): void {
    if (this.#pseudoColumn(column) !== null) return;
    const key = fieldKey(column);
    if (this.#indexes.has(key)) return;
    this.#indexes.set(key, this.#columns.push(this.#fieldOf(column)) - 1);
    this.fields.push(column);
  }

  /** The index of a field column or pseudo column, or of a lookup's value, which is made once. */
  indexOf(column: ColumnExpression | LookupExpression): number {
    if (column.kind === 'lookup') return this.#lookupColumn(column);
    const index = this.#pseudoColumn(column) ?? this.#indexes.get(fieldKey(column));
    if (index === undefined) throw new Error(`the plan reads ${column.name}, which is no column of ${this.#name}`);
    return index;
  }

  /** The indexes of the different columns that an expression reads, in the order of first use. */
  indexesIn(expression: Expression): number[] {
    return [...new Set(rowLeavesIn(expression).map((column) => this.indexOf(column)))];
  }

  /** An expression as a function of the values of these columns. */
  compile(
    expression: Expression,
    columns: readonly number[],
    readers: ReadonlySet<string> = this.#failures.readers(),
  ): (values: readonly Value[]) => Value {
    const read = (leaf: Leaf): Evaluate<readonly Value[]> => {
      if (leaf.kind !== 'column' && leaf.kind !== 'lookup')
        throw new Error(`the plan reads ${leaf.kind} where there are only rows`);
      const place = columns.indexOf(this.indexOf(leaf));
      return (values) => values[place];
    };
    return compileExpression(expression, read, this.#failures.ofCalls(readers));
  }

  /** The index of a column that holds the expression: the field itself, or a computed column, made once. */
  indexOfExpression(expression: Expression, name: string): number {
    if (expression.kind === 'column' || expression.kind === 'lookup') return this.indexOf(expression);
    const key = JSON.stringify(expression);
    const known = this.#indexes.get(key);
    const readers = (known === undefined ? undefined : this.#readers.get(known)) ?? this.#failures.readers();
    this.#failures.addReaders(readers);
    if (known !== undefined) return known;
    const inputs = this.indexesIn(expression);
    const { type } = expression;
    const column: ComputedColumn = {
      ...{ kind: 'computed', name, type, storage: storageOf(type), inputs },
      evaluate: this.compile(expression, inputs, readers),
    };
    const index = this.#columns.push(column) - 1;
    this.#indexes.set(key, index);
    this.#readers.set(index, readers);
    return index;
  }

  #lookupColumn(expression: LookupExpression): number {
    const key = JSON.stringify(expression);
    const known = this.#indexes.get(key);
    if (known !== undefined) return known;
    const { lookup: name, output, keys, type } = expression;
    const lookup = this.#lookups.findIndex((one) => one.name === name);
    if (lookup < 0) throw new Error(`the plan reads the lookup ${name}, which is not in it`);
    const column: LookupColumn = {
      ...{ kind: 'lookup', name: `${name}.${output ?? 'in'}`, type, storage: storageOf(type), lookup },
      inputs: keys.map((part, i) => this.indexOfExpression(part, `key ${i} of ${name}`)),
      output: output === null ? null : this.#lookups[lookup].columns.findIndex((one) => one.name === output),
    };
    const index = this.#columns.push(column) - 1;
    this.#indexes.set(key, index);
    return index;
  }

  toSpec(): StreamSpec {
    return { name: this.#name, columns: this.#columns };
  }
}

/** A details path may be read with several types; each is a column of its own. */
function fieldKey({ name, path, type, conversion }: ColumnExpression): string {
  return JSON.stringify(['field', name, path, type, conversion]);
}
