import type { Value } from '../../engine/index.ts';
import type { Expression } from '../plan/plan.ts';
import type { Checked, CheckedWindow } from './checked.ts';

/**
 * An expression as explain prints it: operators as calls, so that grouping shows without rules of precedence, and the
 * type of every column. Reads checked expressions and those of a plan, which differ in little.
 */
export function form(expression: Checked | Expression): string {
  const list = (parts: readonly (Checked | Expression)[]) => parts.map(form).join(', ');
  switch (expression.kind) {
    case 'literal':
      return literalForm(expression.value, expression.type);
    case 'column':
      return `${expression.name}:${expression.type}${expression.conversion === 'declared' ? '' : ` (${expression.conversion})`}`;
    case 'lookup': {
      const output = expression.output === null ? 'in' : expression.output;
      return `lookup ${expression.lookup}.${output}(${list(expression.keys)}):${expression.type}`;
    }
    case 'key':
      return `key ${expression.index}`;
    case 'aggregate':
      return 'index' in expression ? `aggregate ${expression.index}` : aggregateForm(expression);
    case 'call':
      return `${expression.function}(${list(expression.arguments)})`;
    case 'and':
    case 'or':
      return `${expression.kind}(${list(expression.arguments)})`;
    case 'not':
    case 'is_null':
      return `${expression.kind}(${form(expression.argument)})`;
    case 'in':
      return `in(${form(expression.argument)}; ${list(expression.list)})`;
    case 'case': {
      const branches = expression.branches.map((branch) => {
        const result = 'then' in branch ? branch.then : branch.result;
        return `${form(branch.when)} -> ${form(result)}`;
      });
      const otherwise = expression.otherwise === null ? [] : [`else ${form(expression.otherwise)}`];
      return `case(${[...branches, ...otherwise].join('; ')})`;
    }
    default:
      return expression.kind;
  }
}

interface AggregateForm {
  readonly function: string;
  readonly argument: Checked | Expression | null;
  readonly filter: Checked | Expression | null;
  readonly limit: number;
  readonly distinct: boolean;
  readonly fraction?: number;
  readonly non_negative: boolean;
}

/** `count(*)`, `sum(net.asn:int) filter =(...)`. */
export function aggregateForm(aggregate: AggregateForm): string {
  const { argument, filter, limit, distinct, fraction, non_negative } = aggregate;
  const marks = [
    distinct ? ' distinct' : '',
    limit > 0 ? ` limit ${limit}` : '',
    fraction === undefined ? '' : ` fraction ${fraction}`,
    non_negative ? ' non-negative' : '',
  ];
  const condition = filter === null ? '' : ` filter ${form(filter)}`;
  return `${aggregate.function}(${argument === null ? '*' : form(argument)})${marks.join('')}${condition}`;
}

function literalForm(value: Value, type: string): string {
  if (value === null) return 'NULL';
  if (type === 'string') return `'${String(value)}'`;
  const text = Array.isArray(value) ? JSON.stringify(value) : String(value);
  return type === 'int' || type === 'float' || type === 'bool' ? text : `${text}:${type}`;
}

/** `hopping 900000 ms advance 60000 ms zone Europe/Berlin`. */
export function windowForm(window: CheckedWindow): string {
  if (window.kind === 'sliding') return `sliding ${window.size_ms} ms`;
  if (window.kind === 'session') {
    return `session gap ${window.gap_ms} ms${window.max_ms === null ? '' : ` max ${window.max_ms} ms`}`;
  }
  const { offset_ms, zone, empty_ms, empty_keys } = window;
  const parts = [
    `${window.kind} ${window.size_ms} ms`,
    ...(window.kind === 'hopping' ? [`advance ${window.advance_ms} ms`] : []),
    ...(offset_ms === undefined ? [] : [`offset ${offset_ms} ms`]),
    ...(zone === undefined ? [] : [`zone ${zone}`]),
    ...(empty_ms === undefined ? [] : [`empty for ${empty_ms} ms`]),
    ...(empty_keys === undefined ? [] : [`empty keys of ${empty_keys}`]),
  ];
  return parts.join(' ');
}
