import type { ColumnSpec, Conjunct, OperatorSpec, Program } from '../../engine/index.ts';

/**
 * What the engine runs, as text: columns by number and how each condition is asked. There is no code to show: a plan
 * becomes nested closures (compile-expression.ts), called once for each different value where a condition reads one
 * column, and never text that is compiled. `name`: one operator and the stream that it reads; null: everything.
 */
export function printProgram(program: Program, name: string | null): string {
  const operators = program.operators.filter((operator) => name === null || operator.name === name);
  const streams = new Set(name === null ? program.streams.keys() : operators.map(({ input }) => input));
  const lines = [...streams]
    .sort((a, b) => a - b)
    .flatMap((index) => {
      const { name: stream, columns } = program.streams[index];
      return [`stream ${index} ${stream}`, ...columns.map((column, i) => `  ${i} ${columnText(column)}`)];
    });
  return `${[...lines, ...operators.flatMap((operator) => operatorLines(operator))].join('\n')}\n`;
}

function columnText(column: ColumnSpec): string {
  const { name, type, storage } = column;
  const kept = storage === 'id' ? 'id in the dictionary' : 'number';
  if (column.kind === 'field') return `${name}:${type}, ${kept}, read from the row`;
  const inputs = column.inputs.map(numberText).join(', ');
  if (column.kind === 'lookup') return `${name}:${type}, ${kept}, looked up by ${inputs}`;
  return `${name}:${type}, ${kept}, computed from ${inputs}`;
}

/** The row's own time and tenant have negative numbers. */
function numberText(column: number): string {
  if (column >= 0) return String(column);
  return column === -1 ? 'timestamp' : 'tenant_id';
}

function operatorLines(operator: OperatorSpec): string[] {
  const { kind, name, input, where, key, aggregates, having, bounds, bounds_are_exact } = operator;
  const lines = [`${kind} ${name}, stream ${input}`, ...where.map((conjunct) => `  where   ${conjunctText(conjunct)}`)];
  if (key !== null) lines.push(`  key     ${key.map(numberText).join(', ') || 'one group for each tenant'}`);
  aggregates.forEach(({ function: call, column, filter }, i) => {
    const of = column === null ? 'rows' : `column ${column}`;
    lines.push(`  value   ${i}: ${call} of ${of}${filter === null ? '' : ` where column ${filter} is true`}`);
  });
  for (const { aggregate, least, reached } of bounds) {
    const enough = reached === undefined ? `>= ${least}` : `with a row where column ${reached} is true`;
    lines.push(`  having  value ${aggregate} ${enough}, before anything else is computed`);
  }
  if (having !== null && !bounds_are_exact)
    lines.push('  having  a closure over the values, where the bounds above hold');
  return lines;
}

function conjunctText({ columns, comparison, values }: Conjunct): string {
  const of = columns.map((column) => (column < 0 ? numberText(column) : `column ${column}`)).join(', ');
  if (comparison !== undefined) return `${of} ${comparison.operator} ${comparison.constant}: by threshold`;
  if (columns.length === 0) return 'a constant';
  if (columns.length > 1) return `${of}: a closure, once for each row that gets so far`;
  const lane =
    values === undefined
      ? ''
      : `; only for ${values.length === 1 ? 'one value' : `${values.length} values`}, so rules with others share no rows`;
  return `${of}: a closure, once for each different value${lane}`;
}
