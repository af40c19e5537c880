import type { Value, ValueType } from '../../engine/index.ts';
import type { AggregatePlan, Expression, OperatorPlan } from '../plan/plan.ts';
import { durationLiteral } from './duration-text.ts';

/** What the numbers in an expression count. */
type Over = Pick<OperatorPlan, 'key' | 'aggregates'>;

/** How tightly a form binds; an operand that binds less than its place is put in brackets. */
const binding = {
  or: 1,
  and: 2,
  not: 3,
  comparison: 4,
  concatenation: 5,
  sum: 6,
  product: 7,
  sign: 8,
  cast: 9,
  atom: 10,
};

const infix: ReadonlyMap<string, { readonly text: string; readonly level: number }> = new Map([
  ...['=', '<>', '<', '<=', '>', '>='].map((text) => [text, { text, level: binding.comparison }] as const),
  ...['+', '-'].map((text) => [text, { text, level: binding.sum }] as const),
  ...['*', '/', '%'].map((text) => [text, { text, level: binding.product }] as const),
  ['||', { text: '||', level: binding.concatenation }],
  ['like', { text: 'LIKE', level: binding.comparison }],
  ['ilike', { text: 'ILIKE', level: binding.comparison }],
  ['matches', { text: '~', level: binding.comparison }],
  ['in_cidr', { text: '=', level: binding.comparison }],
  ['is_distinct_from', { text: 'IS DISTINCT FROM', level: binding.comparison }],
]);

/** A value as a rule writes it. */
export function literalText(value: Value, type: ValueType): string {
  if (value === null) return 'NULL';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (type === 'duration') return durationLiteral(value as number);
  if (type === 'timestamp') return `'${new Date(value as number).toISOString()}'`;
  if (typeof value === 'number') return String(value);
  return quoted(typeof value === 'string' ? value : JSON.stringify(value));
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** An expression of this operator as Weir SQL, for people: aggregates and key parts are written out. */
export function expressionText(expression: Expression, operator: Over, place = 0): string {
  const [text, level] = write(expression, operator);
  return level < place ? `(${text})` : text;
}

/** An aggregate call as a rule writes it. */
export function aggregateText(aggregate: AggregatePlan, operator: Over): string {
  const { argument, filter } = aggregate;
  const name = aggregate.function === 'count_distinct' ? 'count' : aggregate.function;
  const distinct = aggregate.distinct || aggregate.function === 'count_distinct' ? 'DISTINCT ' : '';
  const inside = argument === null ? '*' : expressionText(argument, operator);
  const second = aggregate.fraction ?? (['array_agg', 'top'].includes(aggregate.function) ? aggregate.limit : null);
  const condition = filter === null ? '' : ` FILTER (WHERE ${expressionText(filter, operator)})`;
  return `${name}(${distinct}${inside}${second === null ? '' : `, ${second}`})${condition}`;
}

/** A condition that has a NOT of its own, as rules write it (`x NOT IN (1, 2)`); null: another expression. */
function predicate(e: Expression, operator: Over, not: '' | 'NOT '): [text: string, level: number] | null {
  const inner = (part: Expression): string => expressionText(part, operator, binding.comparison + 1);
  if (e.kind === 'is_null') return [`${inner(e.argument)} IS ${not}NULL`, binding.comparison];
  if (e.kind === 'in') {
    const list = e.list.map((part) => expressionText(part, operator)).join(', ');
    return [`${inner(e.argument)} ${not}IN (${list})`, binding.comparison];
  }
  if (e.kind !== 'lookup' || e.output !== null) return null;
  const keys = e.keys.map(inner).join(', ');
  return [`${e.keys.length === 1 ? keys : `(${keys})`} ${not}IN LOOKUP ${e.lookup}`, binding.comparison];
}

function write(e: Expression, operator: Over): [text: string, level: number] {
  const inner = (part: Expression, place = 0): string => expressionText(part, operator, place);
  const plain = predicate(e, operator, '');
  if (plain !== null) return plain;
  switch (e.kind) {
    case 'literal':
      return [literalText(e.value, e.type), binding.atom];
    case 'column':
      return [e.conversion === 'cast' ? `${e.name}::${e.type}` : e.name, binding.cast];
    case 'lookup':
      return [`${e.lookup}.${e.output}`, binding.atom];
    case 'key':
      return operator.key === null ? ['key', binding.atom] : write(operator.key[e.index].expression, operator);
    case 'aggregate':
      return [aggregateText(operator.aggregates[e.index], operator), binding.atom];
    case 'and':
    case 'or': {
      const level = binding[e.kind];
      return [e.arguments.map((part) => inner(part, level)).join(` ${e.kind.toUpperCase()} `), level];
    }
    case 'not':
      return predicate(e.argument, operator, 'NOT ') ?? [`NOT ${inner(e.argument, binding.not)}`, binding.not];
    case 'case': {
      const branches = e.branches.map(({ when, then }) => ` WHEN ${inner(when)} THEN ${inner(then)}`).join('');
      return [`CASE${branches}${e.otherwise === null ? '' : ` ELSE ${inner(e.otherwise)}`} END`, binding.atom];
    }
    case 'call':
      return writeCall(e.function, e.arguments, inner);
    default:
      return [e.kind, binding.atom];
  }
}

function writeCall(
  name: string,
  args: readonly Expression[],
  inner: (part: Expression, place?: number) => string,
): [text: string, level: number] {
  const operator = infix.get(name);
  if (operator !== undefined) {
    const [left, right] = args;
    const { text, level } = operator;
    // a - (b - c) keeps its brackets, and a comparison of comparisons is always written with them.
    const leftPlace = level === binding.comparison ? level + 1 : level;
    return [`${inner(left, leftPlace)} ${text} ${inner(right, level + 1)}`, level];
  }
  if (name === 'negate') return [`-${inner(args[0], binding.sign + 1)}`, binding.sign];
  if (name.startsWith('cast_')) return [`${inner(args[0], binding.cast)}::${name.slice(5)}`, binding.cast];
  if (name.startsWith('any_')) {
    const [array, other, type] = args;
    const condition = infix.get(name === 'any_in_cidr' ? '=' : name.slice(4));
    const element = type.kind === 'literal' ? type.value : null;
    const is_read = other.kind === 'literal' && (element === 'ip' || element === 'timestamp');
    const cast = is_read || (element === 'int' && other.type !== 'null') ? `::${element}` : '';
    return [
      `ANY(${inner(array)})${cast} ${condition?.text} ${inner(other, binding.comparison + 1)}`,
      binding.comparison,
    ];
  }
  if (name === 'array_get') return [`${inner(args[0], binding.cast)}[${inner(args[1])}]`, binding.cast];
  if (name === 'extract') {
    const [unit, time, zone] = args;
    const unitText = unit.kind === 'literal' ? String(unit.value).toUpperCase() : inner(unit);
    const zoneText = zone === undefined ? '' : ` AT TIME ZONE ${inner(zone)}`;
    return [`extract(${unitText} FROM ${inner(time)}${zoneText})`, binding.atom];
  }
  return [`${name}(${args.map((part) => inner(part)).join(', ')})`, binding.atom];
}
