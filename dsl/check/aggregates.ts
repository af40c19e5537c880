import { limits, type ValueType } from '../../engine/index.ts';
import { refuse, type Span } from '../diagnostics/diagnostic.ts';
import { isNumber, ordered, typeWithArticle } from '../functions/index.ts';
import type { CallNode } from '../syntax/tree.ts';
import type { Checked, CheckedAggregate } from './checked.ts';
import type { AggregateName } from './context.ts';

interface AggregateRule {
  /** Whether values of this type can be aggregated so. */
  readonly takes: (type: ValueType) => boolean;
  readonly what: string;
  readonly result: (type: ValueType) => ValueType;
  /** What its second argument is called; without it there is none. */
  readonly second?: 'n' | 'p';
}

const any = { takes: () => true, what: 'a value' } as const;
const same = (type: ValueType) => type;
const summable = (type: ValueType) => isNumber(type) || type === 'duration' || type === 'null';

const rules: ReadonlyMap<string, AggregateRule> = new Map<string, AggregateRule>([
  ['count', { ...any, result: () => 'int' }],
  ['sum', { takes: summable, what: 'a number', result: same }],
  ['avg', { takes: summable, what: 'a number', result: (type) => (type === 'duration' ? type : 'float') }],
  ['min', { takes: ordered, what: 'a value with an order', result: same }],
  ['max', { takes: ordered, what: 'a value with an order', result: same }],
  ['first', { ...any, result: same }],
  ['last', { ...any, result: same }],
  ['any_value', { ...any, result: same }],
  ['array_agg', { ...any, result: () => 'array', second: 'n' }],
  ['stddev', { takes: summable, what: 'a number', result: (type) => (type === 'duration' ? type : 'float') }],
  ['approx_count_distinct', { ...any, result: () => 'int' }],
  ['approx_percentile', { takes: summable, what: 'a number', result: same, second: 'p' }],
  ['top', { ...any, result: () => 'array', second: 'n' }],
  ['entropy', { ...any, result: () => 'float' }],
]);

export function isAggregate(name: string): boolean {
  return rules.has(name.toLowerCase());
}

/** The type that the argument of an aggregate must have; null where several will do. */
export function wantedBy(name: string): ValueType | null {
  return rules.get(name.toLowerCase())?.what === 'a number' ? 'float' : null;
}

/** Names of all aggregates, for suggestions. */
export const aggregateNames: readonly string[] = [...rules.keys()];

/** An aggregate call: `given` are its checked arguments, `filter` its FILTER condition. */
export function aggregate(node: CallNode, given: readonly Checked[], filter: Checked | null): CheckedAggregate {
  const name = node.name.text.toLowerCase();
  const rule = rules.get(name) as AggregateRule;
  checkForm(node, name, rule, given.length);
  const [argument = null] = given;
  const type = argument?.type ?? 'null';
  if (argument !== null && !rule.takes(type)) {
    const hints = type === 'bool' ? ['to count the true ones: count(*) FILTER (WHERE condition)'] : [];
    refuse({
      code: 'W0202',
      span: argument.span,
      message: `${name} takes ${rule.what}, not ${typeWithArticle(type)}`,
      label: `this is ${typeWithArticle(type)}`,
      hints:
        type === 'string' && name !== 'min'
          ? ['count(DISTINCT x) counts different texts; x::int reads numbers']
          : hints,
    });
  }
  const distinct = node.distinct && name === 'array_agg';
  return {
    kind: 'aggregate',
    function: (node.distinct && name === 'count' ? 'count_distinct' : name) as AggregateName,
    argument,
    filter,
    type: rule.result(type),
    limit: rule.second === 'n' ? listLimit(name, given[1], node.span) : 0,
    distinct,
    ...(rule.second === 'p' ? { fraction: fractionOf(given[1] as Checked) } : {}),
    non_negative: name === 'sum' && argument !== null && cannotBeNegative(argument),
    span: node.span,
  };
}

function checkForm(node: CallNode, name: string, { second }: AggregateRule, count: number): void {
  const { span } = node;
  if (node.star) {
    if (name === 'count' && !node.distinct) return;
    refuse({ code: 'W0202', span, message: `${name}(*) means nothing`, label: `write ${name}(column)` });
  }
  if (node.distinct && name !== 'count' && name !== 'array_agg') {
    refuse({
      code: 'W0202',
      span,
      message:
        name === 'approx_count_distinct'
          ? 'approx_count_distinct counts different values already'
          : `DISTINCT changes nothing here or makes ${name} depend on chance`,
      label: name === 'approx_count_distinct' ? 'remove DISTINCT' : 'DISTINCT is for count and array_agg',
    });
  }
  const least = second === 'p' ? 2 : 1;
  if (count >= least && count <= (second === undefined ? 1 : 2)) return;
  const wanted =
    name === 'count'
      ? 'count(*), count(x) or count(DISTINCT x)'
      : second === undefined
        ? `${name}(x)`
        : `${name}(x, ${second === 'p' ? '0.95' : second})`;
  refuse({
    code: 'W0202',
    span,
    message:
      second === 'p' && count === 1 ? 'approx_percentile of which share?' : `${name} takes one column, not ${count}`,
    label: `write ${wanted}`,
    hints: node.distinct && count > 1 ? ["to count pairs: count(DISTINCT a || '|' || b)"] : [],
  });
}

function listLimit(name: string, limit: Checked | undefined, span: Span): number {
  if (limit === undefined) return limits.array_values;
  const value = limit.kind === 'literal' ? limit.value : null;
  if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= limits.array_values) {
    return value as number;
  }
  refuse({
    code: 'W0202',
    span: limit.span ?? span,
    message:
      Number.isInteger(value) && (value as number) > limits.array_values
        ? `${name} keeps at most ${limits.array_values} values, not ${value}`
        : `how many values ${name} keeps is a whole number`,
    label: `write one from 1 to ${limits.array_values}`,
  });
}

/** Which percentile: a number from 0 to 1 that is known before the rule runs. */
function fractionOf(share: Checked): number {
  const value = share.kind === 'literal' && typeof share.value === 'number' ? share.value : Number.NaN;
  if (value >= 0 && value <= 1) return value;
  refuse({
    code: 'W0202',
    span: share.span,
    message: 'approx_percentile takes a share from 0 to 1',
    label: value > 1 && value <= 100 ? `write ${value / 100}` : 'write for example 0.95, or a PARAM of type float',
  });
}

/** Whether a value is never below zero, seen from how it is written (semantics.md S8). */
function cannotBeNegative(expression: Checked): boolean {
  switch (expression.kind) {
    case 'literal':
      return expression.value === null || (typeof expression.value === 'number' && expression.value >= 0);
    case 'case':
      return [...expression.branches.map((branch) => branch.result), expression.otherwise].every(
        (result) => result === null || cannotBeNegative(result),
      );
    case 'call':
      if (['length', 'abs', 'cardinality', 'levenshtein'].includes(expression.function)) return true;
      return ['+', '*'].includes(expression.function) && expression.arguments.every(cannotBeNegative);
    default:
      return false;
  }
}
